-- reads: told (tickets or survey answers), person (the record that holds an e-mail in a source object, where it is one)
-- writes: std.ticket, std.survey_response
-- one row per: ticket, or answer
select
    told.* exclude (person_by_email) replace (
        coalesce(told.person_source, person.source) as person_source,
        coalesce(told.person_pk, person.source_pk) as person_pk
    )
from told
left join person
    on told.person_pk is null and person.source = told.person_by_email and person.email = told.person_email
