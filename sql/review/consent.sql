-- reads:  wanted_profile (profile_id), gold.consent
-- one row per: consent of a wanted profile
select profile_id, channel, purpose, status, effective_at, evidence_source, rule, n_events
from gold.consent
semi join wanted_profile using (profile_id)
order by profile_id, channel, purpose
