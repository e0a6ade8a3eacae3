-- Clusters that hold exactly the records an active profile was published with. It carries on and nothing happens to it, so
-- that ids and history are worked out for the others alone. Where a record is back that was the profile's once, or one
-- came to it by a merge, another cluster may have a claim: such a profile is none of these.
-- reads:  match.cluster_member, prior.profile_xref, prior.profile, last_home, origin
-- writes: temporary table calm
-- one row per: cluster to which nothing happens
create or replace temp table calm as
with size as (
    select cluster_id, count(*) as n_records from match.cluster_member group by cluster_id
),
overlap as (
    select member.cluster_id, before.profile_id, count(*) as n_records
    from match.cluster_member as member
    join prior.profile_xref as before using (source, source_pk)
    group by member.cluster_id, before.profile_id
),
published as (
    select profile_id, count(*) as n_records from prior.profile_xref group by profile_id
),
claimed as (
    select last_home.profile_id
    from last_home
    join match.cluster_member using (source, source_pk)
    where not last_home.is_live
    union
    select last_home.profile_id
    from last_home
    join origin using (source, source_pk)
)
select cluster_id, profile_id, n_records
from overlap
join size using (cluster_id, n_records)
join published using (profile_id, n_records)
semi join (select profile_id from prior.profile where status = 'active') as active using (profile_id)
anti join claimed using (profile_id)
