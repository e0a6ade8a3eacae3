-- The id itself while active, else the id that carries it on.
-- reads: identity.profile, identity.profile_alias
-- one row per: the profile asked for
-- parameters: $profile_id
select coalesce(alias.current_profile_id, profile.profile_id) as current_profile_id, profile.status
from identity.profile as profile
left join identity.profile_alias as alias on alias.old_profile_id = profile.profile_id
where profile.profile_id = $profile_id
