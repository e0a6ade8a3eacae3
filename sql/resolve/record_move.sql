-- What happened to each record since the last generation, why, and by whom.
-- A steward's word about a record of the same cluster or former profile comes before all other causes, then a
-- value that was blocked (where a profile fell apart) or unblocked (where profiles came together).
-- reads:  stirred_member, stirred_home, assigned, steered, std.source_record, prior.source_record
-- writes: temporary table record_move
-- one row per: record of this or the last generation that is in no calm cluster
create or replace temp table record_move as
with now as (
    select member.source, member.source_pk, member.cluster_id, assigned.profile_id, std.record_hash
    from stirred_member as member
    join assigned using (cluster_id)
    join std.source_record as std using (source, source_pk)
),
moved as (
    select
        source,
        source_pk,
        now.cluster_id,
        now.profile_id,
        home.profile_id as last_profile_id,
        coalesce(home.is_live, false) as was_live,
        case
            when now.cluster_id is null then 'withdrawn'
            when not coalesce(home.is_live, false) then 'new_data'
            when now.record_hash is distinct from before.record_hash then 'changed_data'
        end as own_cause
    from now
    full join stirred_home as home using (source, source_pk)
    left join prior.source_record as before using (source, source_pk)
    where now.cluster_id is not null or home.is_live
),
cluster_cause as (
    select
        cluster_id,
        case
            when bool_or(own_cause = 'new_data') then 'new_data'
            when bool_or(own_cause = 'changed_data') then 'changed_data'
        end as cause
    from moved
    where cluster_id is not null and own_cause in ('new_data', 'changed_data')
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
    where last_profile_id is not null and own_cause in ('changed_data', 'withdrawn')
    group by last_profile_id
),
touched as (
    select moved.cluster_id, moved.last_profile_id, steered.cause, steered.is_split, steered.actor
    from moved
    join steered using (source, source_pk)
),
steered_cluster as (
    select
        cluster_id,
        min(actor) filter (cause = 'steward') as steward,
        min(actor) filter (cause = 'blocked_value' and not is_split) as unblocked_by
    from touched
    where cluster_id is not null
    group by cluster_id
),
steered_profile as (
    select
        last_profile_id,
        min(actor) filter (cause = 'steward') as steward,
        min(actor) filter (cause = 'blocked_value' and is_split) as blocked_by
    from touched
    where last_profile_id is not null
    group by last_profile_id
),
divided as (
    select last_profile_id
    from moved
    semi join steered_profile using (last_profile_id)
    where last_profile_id is not null and cluster_id is not null
    group by last_profile_id
    having count(distinct cluster_id) > 1
),
caused as (
    select
        moved.*,
        moved.was_live and moved.cluster_id is not null as may_be_steered,
        coalesce(steered_cluster.steward, steered_profile.steward) as steward,
        coalesce(
            if(divided.last_profile_id is not null, steered_profile.blocked_by, null), steered_cluster.unblocked_by
        ) as turned_by,
        coalesce(moved.own_cause, cluster_cause.cause, profile_cause.cause, 'rule_or_model') as data_cause
    from moved
    left join cluster_cause using (cluster_id)
    left join profile_cause using (last_profile_id)
    left join steered_cluster using (cluster_id)
    left join steered_profile using (last_profile_id)
    left join divided using (last_profile_id)
)
select
    source,
    source_pk,
    cluster_id,
    profile_id,
    last_profile_id,
    was_live,
    case
        when may_be_steered and steward is not null then 'steward'
        when may_be_steered and own_cause is null and turned_by is not null then 'blocked_value'
        else data_cause
    end as cause,
    case
        when may_be_steered and steward is not null then steward
        when may_be_steered and own_cause is null and turned_by is not null then turned_by
        else 'pipeline'
    end as actor
from caused
