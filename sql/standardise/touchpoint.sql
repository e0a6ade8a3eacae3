-- reads: touchpoint, person (the record that holds an e-mail in a source object, where it is one)
-- writes: std.touchpoint
-- one row per: interaction
--
-- An opening without a time is left out where the same campaign's single openings tell of it.
with single_opening as (
    select distinct campaign, person_email
    from touchpoint
    where touch_type = 'email_opened' and occurred_at is not null
),

told as (
    select touchpoint.*
    from touchpoint
    left join single_opening
        on touchpoint.touch_type = 'email_opened' and touchpoint.occurred_at is null
        and single_opening.campaign = touchpoint.campaign and single_opening.person_email = touchpoint.person_email
    where single_opening.campaign is null
)

select
    told.* exclude (person_by_email) replace (
        coalesce(told.person_source, person.source) as person_source,
        coalesce(told.person_pk, person.source_pk) as person_pk
    )
from told
left join person
    on told.person_pk is null and person.source = told.person_by_email and person.email = told.person_email
