-- The profile id each group had and has again; a group is what a profile held.
-- reads:  back.profile_xref, back.profile
-- writes: temporary table assigned
-- one row per: group
create or replace temp table assigned as
select row_number() over (order by profile_id) as cluster_id, profile_id, profile.split_from
from (select distinct profile_id from back.profile_xref)
join back.profile as profile using (profile_id)
