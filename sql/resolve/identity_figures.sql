-- reads:  identity.profile, identity.profile_event, record_move, calm
-- one row per: figure of the resolve stage
-- parameters: $number (generation)
select 'profiles' as name, count(*)::double as value from identity.profile where status = 'active'
union all
select 'new_profiles', count(*) from identity.profile where created_run = $number
union all
select 'known_records', count(*) + (select coalesce(sum(n_records), 0) from calm)
from record_move where was_live and profile_id is not null
union all
select 'changed_ids', count(*) from record_move
where was_live and profile_id is not null and profile_id <> last_profile_id
union all
select 'events:' || event_type, count(*) from identity.profile_event where run_number = $number group by event_type
order by name
