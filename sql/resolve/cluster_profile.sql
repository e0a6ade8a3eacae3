-- Which earlier profile id each cluster inherits: every earlier profile goes home to the cluster that holds
-- most of its records, and a cluster takes the oldest of the profiles that came home to it.
-- reads:  match.cluster_member, last_home, prior.profile
-- writes: temporary table cluster_profile
-- one row per: cluster
create or replace temp table cluster_profile as
with first_record as (
    select cluster_id, min({'source': source, 'source_pk': source_pk}) as record_key
    from match.cluster_member
    group by cluster_id
),
overlap as (
    select member.cluster_id, last_home.profile_id, count(*) as n_records
    from match.cluster_member as member
    join last_home using (source, source_pk)
    group by member.cluster_id, last_home.profile_id
),
home as (
    select overlap.cluster_id, overlap.profile_id, overlap.n_records
    from overlap
    qualify row_number() over (
        partition by overlap.profile_id order by overlap.n_records desc, overlap.cluster_id
    ) = 1
),
heir as (
    select home.cluster_id, home.profile_id
    from home
    join prior.profile using (profile_id)
    qualify row_number() over (
        partition by home.cluster_id order by profile.created_run, home.n_records desc, home.profile_id
    ) = 1
),
origin as (
    select cluster_id, profile_id
    from overlap
    qualify row_number() over (partition by cluster_id order by n_records desc, profile_id) = 1
)
select
    first_record.cluster_id,
    first_record.record_key.source as first_source,
    first_record.record_key.source_pk as first_pk,
    heir.profile_id,
    case when heir.profile_id is null then origin.profile_id end as split_from
from first_record
left join heir using (cluster_id)
left join origin using (cluster_id)
