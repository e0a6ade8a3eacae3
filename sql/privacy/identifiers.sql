-- The identifiers of the records. One that a steward blocked may be nobody else's all the same.
-- reads:  std.identifier, erased_record
-- one row per: identifier value
select distinct id_type, id_value_norm, id_match_key
from std.identifier
semi join erased_record using (source, source_pk)
where not coalesce(is_blocked, false) or block_reason = 'steward'
order by all
