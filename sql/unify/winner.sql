-- The golden value of each field group and the criterion that decided: a steward's word, else the first one in
-- which the winner differs from the best candidate with another value.
-- reads:  standing, candidate, member
-- writes: temp table winner
-- one row per: profile x field group with a golden value
create or replace temp table winner as
with rival as (
    select profile_no, field_group, value_key, best, n_records, place
    from standing
    where place > 1 and not best.is_ineligible
),
contest as (
    select
        profile_no, field_group,
        count(*) as n_rivals,
        any_value(best) filter (place = 2) as runner_up,
        any_value(n_records) filter (place = 2) as runner_up_frequency,
        to_json(list(mask(field_group, value_key) order by place))::varchar as losing_values
    from rival
    group by profile_no, field_group
),
holder as (
    select profile_no, field_group, count(distinct record_no) as n_records
    from candidate
    semi join contest using (profile_no, field_group)
    where is_eligible
    group by profile_no, field_group
),
overruled as (
    select distinct profile_no, field_group from standing where is_excluded
)
select
    first_place.profile_no,
    first_place.field_group,
    member.record_no,
    first_place.best.position as position,
    first_place.value_key,
    member.profile_id,
    member.source,
    member.source_pk,
    member.system,
    member.updated_at,
    case
        when first_place.best.word is not null or overruled.profile_no is not null then 'steward'
        when contest.profile_no is null then 'only_candidate'
        when first_place.best.completeness <> contest.runner_up.completeness then 'completeness'
        when first_place.best.priority <> contest.runner_up.priority then 'priority'
        when first_place.best.updated_at is distinct from contest.runner_up.updated_at then 'recency'
        when first_place.n_records <> contest.runner_up_frequency then 'frequency'
        else 'tie_break'
    end as rule,
    coalesce(contest.n_rivals, 0) + 1 as n_candidates,
    coalesce(holder.n_records, first_place.n_eligible) as n_records,
    coalesce(contest.losing_values, '[]') as losing_values
from standing as first_place
left join contest using (profile_no, field_group)
left join holder using (profile_no, field_group)
left join overruled using (profile_no, field_group)
join member on member.record_no = first_place.best.record_no
where first_place.place = 1 and not first_place.best.is_ineligible
