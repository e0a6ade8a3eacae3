-- What the calm clusters leave over: their records, and the records of profiles to which something may happen.
-- reads:  match.cluster_member, last_home, calm
-- writes: temporary tables stirred_member, stirred_home
-- one row per: record of another cluster; record whose last home is another profile
create or replace temp table stirred_member as
select source, source_pk, cluster_id from match.cluster_member anti join calm using (cluster_id);
create or replace temp table stirred_home as
select source, source_pk, profile_id, is_live from last_home anti join calm using (profile_id)
