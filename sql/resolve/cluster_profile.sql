-- Which earlier profile id each cluster inherits: every earlier profile goes home to the cluster that holds
-- most of its records, and a cluster takes the oldest of the profiles that came home to it. A profile's own
-- records count before those that came by a merge. A cluster nobody came home to takes the id of a merged
-- profile again, when most of the records that came with that one are in it: a merge that is undone gives
-- both ids back.
-- reads:  stirred_member, stirred_home, origin, prior.profile
-- writes: temporary table cluster_profile
-- one row per: cluster that is not calm
create or replace temp table cluster_profile as
with first_record as (
    select cluster_id, min({'source': source, 'source_pk': source_pk}) as record_key
    from stirred_member
    group by cluster_id
),
settled as (
    select member.cluster_id, stirred_home.profile_id, origin.origin_id
    from stirred_member as member
    join stirred_home using (source, source_pk)
    left join origin using (source, source_pk)
),
overlap as (
    select cluster_id, profile_id, count(*) as n_records, count(*) filter (origin_id is null) as n_own
    from settled
    group by cluster_id, profile_id
),
home as (
    select cluster_id, profile_id, n_records
    from overlap
    qualify row_number() over (partition by profile_id order by n_own desc, n_records desc, cluster_id) = 1
),
heir as (
    select home.cluster_id, home.profile_id
    from home
    join prior.profile using (profile_id)
    qualify row_number() over (
        partition by home.cluster_id order by profile.created_run, home.n_records desc, home.profile_id
    ) = 1
),
former_overlap as (
    select cluster_id, origin_id as profile_id, count(*) as n_records
    from settled
    where origin_id is not null
    group by cluster_id, origin_id
),
former_home as (
    select former.cluster_id, former.profile_id, former.n_records, heir.cluster_id is not null as is_taken
    from former_overlap as former
    left join heir using (cluster_id)
    qualify row_number() over (
        partition by former.profile_id order by former.n_records desc, is_taken desc, former.cluster_id
    ) = 1
),
restored as (
    select former_home.cluster_id, former_home.profile_id
    from former_home
    join prior.profile using (profile_id)
    where not former_home.is_taken
    qualify row_number() over (
        partition by former_home.cluster_id
        order by profile.created_run, former_home.n_records desc, former_home.profile_id
    ) = 1
),
parent as (
    select cluster_id, profile_id
    from overlap
    qualify row_number() over (partition by cluster_id order by n_records desc, profile_id) = 1
)
select
    first_record.cluster_id,
    first_record.record_key.source as first_source,
    first_record.record_key.source_pk as first_pk,
    coalesce(heir.profile_id, restored.profile_id) as profile_id,
    case when coalesce(heir.profile_id, restored.profile_id) is null then parent.profile_id end as split_from
from first_record
left join heir using (cluster_id)
left join restored using (cluster_id)
left join parent using (cluster_id)
