-- Every id ever issued with its one fate.
-- reads:  assigned, calm, stirred_member, stirred_home, origin, prior.profile
-- writes: identity.profile
-- one row per: profile id ever issued
-- parameters: $number (generation)
with active as (
    select assigned.profile_id, assigned.split_from, count(*) as n_records
    from assigned
    join stirred_member using (cluster_id)
    group by assigned.profile_id, assigned.split_from
),
absorbed as (
    -- an id whose records went home to a cluster that another id carries on
    select home.profile_id, arg_max(assigned.profile_id, (n_records, assigned.profile_id)) as survivor
    from (
        select stirred_home.profile_id, member.cluster_id, count(*) as n_records
        from stirred_member as member
        join stirred_home using (source, source_pk)
        group by stirred_home.profile_id, member.cluster_id
    ) as home
    join assigned using (cluster_id)
    group by home.profile_id
),
restored as (
    select before.profile_id
    from prior.profile as before
    join active using (profile_id)
    where before.status = 'merged'
),
carrier as (
    -- where most of the records are that came with a merged profile
    select origin_id as profile_id, arg_max(profile_id, (n_records, profile_id)) as survivor
    from (
        select origin.origin_id, assigned.profile_id, count(*) as n_records
        from origin
        join stirred_member using (source, source_pk)
        join assigned using (cluster_id)
        group by origin.origin_id, assigned.profile_id
    )
    group by origin_id
)
select
    coalesce(before.profile_id, active.profile_id) as profile_id,
    case
        when active.profile_id is not null then 'active'
        when before.status in ('merged', 'erased') then before.status
        when absorbed.survivor is not null then 'merged'
        else 'retired'
    end as status,
    coalesce(before.created_run, $number) as created_run,
    case
        when active.profile_id is not null then null
        when before.status = 'active' then $number
        else before.retired_run
    end as retired_run,
    case
        when active.profile_id is not null then null
        when before.status = 'merged' and restored.profile_id is not null
            then coalesce(carrier.survivor, before.survivor_profile_id)
        when before.status in ('merged', 'erased') then before.survivor_profile_id
        else absorbed.survivor
    end as survivor_profile_id,
    coalesce(before.split_from, active.split_from) as split_from,
    coalesce(active.n_records, 0) as n_records
from (select * from prior.profile anti join calm using (profile_id)) as before
full join active using (profile_id)
left join absorbed on absorbed.profile_id = coalesce(before.profile_id, active.profile_id)
left join restored on restored.profile_id = before.survivor_profile_id
left join carrier on carrier.profile_id = before.profile_id
union all
select
    before.profile_id, before.status, before.created_run, null, null,
    coalesce(before.split_from, assigned.split_from), calm.n_records
from calm
join prior.profile as before using (profile_id)
join assigned using (cluster_id)
