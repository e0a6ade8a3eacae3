-- The profile id each group had and has again.
-- reads:  back.profile_xref, back.profile
-- writes: temporary table assigned
-- one row per: group
with grouping_now as (
    select distinct dense_rank() over (order by profile_id) as cluster_id, profile_id
    from back.profile_xref
)
select grouping_now.cluster_id, grouping_now.profile_id, profile.split_from
from grouping_now
join back.profile as profile using (profile_id)
order by cluster_id
