-- Who holds an identifier now.
-- reads:  std.identifier, identity.profile_xref
-- one row per: profile
-- parameters: $id_type, $match_key
select distinct xref.profile_id
from std.identifier as identifier
join identity.profile_xref as xref using (source, source_pk)
where identifier.id_type = $id_type and identifier.id_match_key = $match_key
order by xref.profile_id
