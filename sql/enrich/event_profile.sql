-- The profile of each person that touchpoints, tickets and surveys name: the record named; else the one
-- profile with this e-mail in the event's own system; else the one profile with it anywhere.
-- reads:  std.touchpoint, std.ticket, std.survey_response, event_system, record_profile, email_profile
-- writes: temp table event_profile
-- one row per: (source, person_source, person_pk, person_email) as events name it, nulls as ''
create or replace temp table event_profile as
with named as (
    select source, person_source, person_pk, person_email from std.touchpoint
    union all
    select source, person_source, person_pk, person_email from std.ticket
    union all
    select source, person_source, person_pk, person_email from std.survey_response
),
person as (
    select distinct
        source,
        coalesce(person_source, '') as person_source,
        coalesce(person_pk, '') as person_pk,
        coalesce(person_email, '') as person_email
    from named
    where person_pk is not null or person_email is not null
)
select
    person.source, person.person_source, person.person_pk, person.person_email,
    coalesce(by_record.profile_id, in_system.profile_id, anywhere.profile_id) as profile_id
from person
join event_system on event_system.source = person.source
left join record_profile as by_record
    on by_record.source = person.person_source and by_record.source_pk = person.person_pk
left join email_profile as in_system
    on in_system.email_key = person.person_email and in_system.system = event_system.system
    and event_system.system <> ''
left join email_profile as anywhere
    on anywhere.email_key = person.person_email and anywhere.system = ''
