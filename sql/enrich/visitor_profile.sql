-- Whose cookie or device is it: the one profile whose records hold it as identifier `visitor_id`.
-- reads:  std.identifier, identity.profile_xref
-- writes: temp table visitor_profile
-- one row per: visitor that names exactly one profile
create or replace temp table visitor_profile as
select identifier.id_match_key as visitor_id, min(xref.profile_id) as profile_id
from std.identifier as identifier
join identity.profile_xref as xref using (source, source_pk)
where identifier.id_type = 'visitor_id' and not coalesce(identifier.is_blocked, false)
group by identifier.id_match_key
having min(xref.profile_id) = max(xref.profile_id)
