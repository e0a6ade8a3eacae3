-- Interactions, tickets and answers of the person; orders apart.
-- reads:  std.touchpoint, std.ticket, std.survey_response, gold.touchpoint, erased_record, wanted_profile, own_email
-- one row per: event
with event as (
    select source, source_pk, person_source, person_pk, person_email from std.touchpoint
    union all
    select source, ticket_id, person_source, person_pk, person_email from std.ticket
    union all
    select source, response_id, person_source, person_pk, person_email from std.survey_response
)
select event.source, event.source_pk
from event
semi join erased_record on erased_record.source = event.person_source and erased_record.source_pk = event.person_pk
union
select event.source, event.source_pk
from event
semi join own_email on own_email.match_key = event.person_email
union
select touch.source, touch.source_pk
from gold.touchpoint as touch
semi join wanted_profile using (profile_id)
where touch.touch_type <> 'order'
union
-- one row may tell of two things: `key` and `key:sent`
select source, regexp_replace(source_pk, ':[a-z_]+$', '')
from event
semi join own_email on own_email.match_key = event.person_email
where regexp_matches(source_pk, ':[a-z_]+$')
order by all
