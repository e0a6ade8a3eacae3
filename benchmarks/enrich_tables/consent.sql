-- reads gold.profile_core
-- one row per profile
select
    profile_id, 'email' as channel, 'marketing' as purpose,
    ['granted', 'denied', 'unknown'][1 + (hash(profile_id) % 3)::integer] as status, 'only_evidence' as rule
from gold.profile_core
