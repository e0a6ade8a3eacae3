-- The identifiers of the records.
-- reads:  std.identifier, erased_record
-- one row per: identifier value
select distinct id_type, id_value_norm, id_match_key
from std.identifier
semi join erased_record using (source, source_pk)
where not coalesce(is_blocked, false)
order by all
