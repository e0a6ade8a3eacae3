-- The golden value of each field group and the criterion that decided: a steward's word, else the first one in
-- which the winner differs from the best candidate with another value.
-- reads:  standing, member
-- writes: temp table winner
-- one row per: profile x field group with a golden value
create or replace temp table winner as
with first_place as (
    select * from standing where place = 1 and is_eligible
),
rival as (
    select * from standing where is_eligible and value_key <> winning_key
),
contest as (
    select profile_no, field_group, count(distinct value_key) as n_rivals, min(place) as runner_up_place
    from rival
    group by profile_no, field_group
),
runner_up as (
    select rival.*, contest.n_rivals
    from rival
    join contest on contest.profile_no = rival.profile_no
        and contest.field_group = rival.field_group
        and contest.runner_up_place = rival.place
),
holder as (
    select profile_no, field_group, count(*) as n_records
    from (select distinct profile_no, field_group, record_no from standing where is_eligible)
    group by profile_no, field_group
),
overruled as (
    select distinct profile_no, field_group from standing where is_excluded
),
losing_value as (
    select profile_no, field_group, value_key, min(place) as place
    from rival
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
        when first_place.word is not null or overruled.profile_no is not null then 'steward'
        when runner_up.profile_no is null then 'only_candidate'
        when first_place.completeness <> runner_up.completeness then 'completeness'
        when first_place.priority <> runner_up.priority then 'priority'
        when first_place.updated_at is distinct from runner_up.updated_at then 'recency'
        when first_place.frequency <> runner_up.frequency then 'frequency'
        else 'tie_break'
    end as rule,
    coalesce(runner_up.n_rivals, 0) + 1 as n_candidates,
    holder.n_records,
    to_json(coalesce(losing.masked, []))::varchar as losing_values
from first_place
join member using (record_no)
join holder
    on holder.profile_no = first_place.profile_no and holder.field_group = first_place.field_group
left join runner_up
    on runner_up.profile_no = first_place.profile_no and runner_up.field_group = first_place.field_group
left join losing
    on losing.profile_no = first_place.profile_no and losing.field_group = first_place.field_group
left join overruled
    on overruled.profile_no = first_place.profile_no and overruled.field_group = first_place.field_group
