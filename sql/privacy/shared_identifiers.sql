-- Those of the identifiers that a record of somebody else holds too.
-- reads:  std.identifier, erased_record, own_identifier
-- one row per: id type x match key
select distinct identifier.id_type, identifier.id_match_key
from std.identifier as identifier
semi join own_identifier as own on own.source = identifier.id_type and own.source_pk = identifier.id_match_key
anti join erased_record using (source, source_pk)
order by all
