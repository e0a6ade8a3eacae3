-- reads: told (interactions that one object tells of), all_told (those of all objects),
--   person (the record that holds an e-mail in a source object, where it is one)
-- writes: std.touchpoint
-- one row per: interaction
-- parameters: $holder (the source object whose record is meant where an event names nothing but an e-mail)
-- by hand: set variable holder = 'mailchimp_member'; and read getvariable('holder') for $holder
--
-- An opening without a time is left out where the same campaign's single openings tell of it.
with single_opening as (
    select distinct campaign, person_email
    from all_told
    where touch_type = 'email_opened' and occurred_at is not null
),

kept as (
    select told.*
    from told
    left join single_opening
        on told.touch_type = 'email_opened' and told.occurred_at is null
        and single_opening.campaign = told.campaign and single_opening.person_email = told.person_email
    where single_opening.campaign is null
)

select
    kept.* replace (
        coalesce(kept.person_source, person.source) as person_source,
        coalesce(kept.person_pk, person.source_pk) as person_pk
    )
from kept
left join person
    on kept.person_pk is null and person.source = $holder and person.email = kept.person_email
