-- reads:  identity.profile
-- one row, or none when the id was never issued
-- parameters: $profile_id
select status from identity.profile where profile_id = $profile_id
