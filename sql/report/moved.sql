-- reads:  identity.profile_xref, prior.profile_xref
-- writes: nothing
-- one row per: run; records known before, and those whose profile is another one now
with now as (
    -- records and profiles by their hash: they are only counted
    select hash(source, source_pk) as place, hash(profile_id) as profile from identity.profile_xref
),
before as (
    select hash(source, source_pk) as place, hash(profile_id) as profile from prior.profile_xref
)
select
    count(*) as known_records,
    count(*) filter (where n.profile <> p.profile) as moved_records,
    (select count(distinct profile) from before) as last_profiles,
    (select count(distinct profile) from now) as profiles
from now as n join before as p using (place);
