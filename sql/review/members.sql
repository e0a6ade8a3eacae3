-- reads:  wanted_profile (profile_id), memory.review.member, identity.profile_xref
-- one row per: record of a wanted profile
select xref.profile_id, xref.source, xref.source_pk, xref.link_method, xref.link_score, xref.linked_since_run
from identity.profile_xref as xref
join (
    select member.place from memory.review.member as member semi join wanted_profile using (profile_id)
) as spot on xref.rowid = spot.place
order by xref.profile_id, xref.source, xref.source_pk
