-- Records of the profile that an id stands for today, the id itself or the one that carries it on.
-- reads:  identity.profile_xref, identity.profile_alias, identity.profile
-- one row per: record; none when nobody has the id
-- parameters: $profile_id
select xref.source, xref.source_pk, xref.profile_id
from identity.profile_xref as xref
where xref.profile_id = coalesce(
    (select current_profile_id from identity.profile_alias where old_profile_id = $profile_id), $profile_id
)
order by xref.source, xref.source_pk
