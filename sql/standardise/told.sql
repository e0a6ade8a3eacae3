-- reads: told (tickets or survey answers), person (the record that holds an e-mail in a source object, where it is one)
-- writes: std.ticket, std.survey_response
-- one row per: ticket, or answer
-- parameters: $holder (the source object whose record is meant where an event names nothing but an e-mail)
-- by hand: set variable holder = 'zendesk_user'; and read getvariable('holder') for $holder
select
    told.* replace (
        coalesce(told.person_source, person.source) as person_source,
        coalesce(told.person_pk, person.source_pk) as person_pk
    )
from told
left join person
    on told.person_pk is null and person.source = $holder and person.email = told.person_email
