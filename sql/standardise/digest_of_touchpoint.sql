-- reads: told, all_told, person
-- one row: a digest of what `touchpoint` takes from other source objects
-- parameters: $holder (as there)
-- by hand: set variable holder = 'mailchimp_member'; and read getvariable('holder') for $holder
with untimed as (
    select distinct campaign from told where touch_type = 'email_opened' and occurred_at is null
),

single_opening as (
    select distinct campaign, person_email
    from all_told
    semi join untimed using (campaign)
    where touch_type = 'email_opened' and occurred_at is not null
)

select
    (select (count(*), bit_xor(md5_number((email, source_pk)::varchar))) from person where source = $holder),
    (select (count(*), bit_xor(md5_number(single_opening::varchar))) from single_opening)
