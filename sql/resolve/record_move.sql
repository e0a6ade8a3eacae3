-- What happened to each record since the last generation, and why.
-- reads:  match.cluster_member, assigned, last_home, std.source_record, prior.source_record
-- writes: temporary table record_move
-- one row per: record of this or the last generation
create or replace temp table record_move as
with now as (
    select member.source, member.source_pk, member.cluster_id, assigned.profile_id, std.record_hash
    from match.cluster_member as member
    join assigned using (cluster_id)
    join std.source_record as std using (source, source_pk)
),
moved as (
    select
        source,
        source_pk,
        now.cluster_id,
        now.profile_id,
        last_home.profile_id as last_profile_id,
        coalesce(last_home.is_live, false) as was_live,
        case
            when now.cluster_id is null then 'withdrawn'
            when not coalesce(last_home.is_live, false) then 'new_data'
            when now.record_hash is distinct from before.record_hash then 'changed_data'
        end as own_cause
    from now
    full join last_home using (source, source_pk)
    left join prior.source_record as before using (source, source_pk)
    where now.cluster_id is not null or last_home.is_live
),
cluster_cause as (
    select
        cluster_id,
        case
            when bool_or(own_cause = 'new_data') then 'new_data'
            when bool_or(own_cause = 'changed_data') then 'changed_data'
        end as cause
    from moved
    where cluster_id is not null
    group by cluster_id
),
profile_cause as (
    select
        last_profile_id,
        case
            when bool_or(own_cause = 'changed_data') then 'changed_data'
            when bool_or(own_cause = 'withdrawn') then 'withdrawn'
        end as cause
    from moved
    where last_profile_id is not null
    group by last_profile_id
)
select
    moved.source,
    moved.source_pk,
    moved.cluster_id,
    moved.profile_id,
    moved.last_profile_id,
    moved.was_live,
    coalesce(moved.own_cause, cluster_cause.cause, profile_cause.cause, 'rule_or_model') as cause
from moved
left join cluster_cause using (cluster_id)
left join profile_cause using (last_profile_id)
