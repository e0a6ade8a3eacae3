-- reads:  identity.profile_xref, prior.profile_xref
-- writes: nothing
-- one row per: run; records known before, and those whose profile is another one now
select
    count(*) as known_records,
    count(*) filter (where n.profile_id <> p.profile_id) as moved_records,
    (select count(*) from (select profile_id from prior.profile_xref group by profile_id)) as last_profiles,
    (select count(*) from (select profile_id from identity.profile_xref group by profile_id)) as profiles
from identity.profile_xref as n join prior.profile_xref as p using (source, source_pk);
