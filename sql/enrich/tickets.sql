-- All tickets with the profile of their requester.
-- reads:  std.ticket, std.source_record, event_profile
-- writes: gold.tickets
-- one row per: ticket
select
    ticket.* exclude (person_source, person_pk, person_email),
    event_profile.profile_id,
    coalesce(person.is_test, false) as is_test
from std.ticket as ticket
left join event_profile
    on event_profile.source = ticket.source
    and event_profile.person_source = coalesce(ticket.person_source, '')
    and event_profile.person_pk = coalesce(ticket.person_pk, '')
    and event_profile.person_email = coalesce(ticket.person_email, '')
left join std.source_record as person
    on person.source = ticket.person_source and person.source_pk = ticket.person_pk
