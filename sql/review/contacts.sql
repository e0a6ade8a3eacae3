-- reads:  wanted_profile (profile_id), gold.contact_point
-- one row per: contact point of a wanted profile, at most fifty
select type, value, is_primary, first_seen, last_seen, n_records, is_shared, is_blocked, validity
from gold.contact_point
semi join wanted_profile using (profile_id)
order by type, rank, value
limit 50
