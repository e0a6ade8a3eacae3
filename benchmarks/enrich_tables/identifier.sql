-- reads std.source_record
-- one row per e-mail of a record
select
    source, source_pk, 'email' as id_type, 'person' || source_pk::bigint * 2 // 5 || '@example.com' as id_value_norm,
    'person' || source_pk::bigint * 2 // 5 || '@example.com' as id_match_key, 0 as position, true as is_valid,
    false as is_blocked
from std.source_record
