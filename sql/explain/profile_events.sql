-- reads: identity.profile_event
-- one row per: event of the profile, oldest first
-- parameters: $profile_id
select run_number, event_type, other_profile_id, source, source_pk, cause, actor
from identity.profile_event
where profile_id = $profile_id or other_profile_id = $profile_id
order by run_number, event_type, event_id
