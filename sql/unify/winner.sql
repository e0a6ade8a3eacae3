-- The golden value of each field group and the criterion that decided: the first one in which the winner
-- differs from the best candidate with another value.
-- reads:  standing, member
-- writes: temp table winner
-- one row per: profile x field group with a golden value
create or replace temp table winner as
with eligible as (
    select * from standing where is_eligible
),
spread as (
    select profile_no, field_group, count(*) as n_rows, min(value_key) <> max(value_key) as is_contested
    from eligible
    group by profile_no, field_group
),
first_place as (
    select eligible.*, spread.n_rows, spread.is_contested
    from eligible
    join spread using (profile_no, field_group)
    where eligible.place = 1
),
contested as (
    select eligible.*, first_place.value_key as winning_key
    from eligible
    join first_place using (profile_no, field_group)
    where first_place.is_contested
),
tally as (
    select
        profile_no, field_group,
        count(distinct value_key) as n_values,
        count(distinct record_no) as n_records,
        min(place) filter (value_key <> winning_key) as runner_up_place
    from contested
    group by profile_no, field_group
),
runner_up as (
    select contested.*, tally.n_values, tally.n_records
    from contested
    join tally on tally.profile_no = contested.profile_no
        and tally.field_group = contested.field_group
        and tally.runner_up_place = contested.place
),
losing_value as (
    select profile_no, field_group, value_key, min(place) as place
    from contested
    where value_key <> winning_key
    group by profile_no, field_group, value_key
),
losing as (
    select profile_no, field_group, list(mask(field_group, value_key) order by place) as masked
    from losing_value
    group by profile_no, field_group
)
select
    first_place.profile_no,
    first_place.field_group,
    first_place.record_no,
    first_place.position,
    first_place.value_key,
    member.profile_id,
    member.source,
    member.source_pk,
    member.system,
    member.updated_at,
    case
        when not first_place.is_contested then 'only_candidate'
        when first_place.completeness <> runner_up.completeness then 'completeness'
        when first_place.priority <> runner_up.priority then 'priority'
        when first_place.updated_at is distinct from runner_up.updated_at then 'recency'
        when first_place.frequency <> runner_up.frequency then 'frequency'
        else 'tie_break'
    end as rule,
    coalesce(runner_up.n_values, 1) as n_candidates,
    coalesce(runner_up.n_records, first_place.n_rows) as n_records,
    to_json(coalesce(losing.masked, []))::varchar as losing_values
from first_place
join member using (record_no)
left join runner_up
    on runner_up.profile_no = first_place.profile_no and runner_up.field_group = first_place.field_group
left join losing
    on losing.profile_no = first_place.profile_no and losing.field_group = first_place.field_group
