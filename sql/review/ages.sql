-- reads:  wanted_profile (profile_id), identity.profile
-- one row per: wanted profile
select profile_id, created_run, n_records from identity.profile semi join wanted_profile using (profile_id)
order by created_run, n_records desc, profile_id
