-- reads:  identity.profile, identity.profile_alias
-- one row: the active id that a profile id leads to, and the status of the id itself
-- parameters: $profile_id
select coalesce(alias.current_profile_id, profile.profile_id) as profile_id, profile.status
from identity.profile as profile
left join identity.profile_alias as alias on alias.old_profile_id = profile.profile_id
where profile.profile_id = $profile_id
