-- reads record
-- writes std.identifier
-- one row per e-mail or phone of a record
with contact as (
    select source, source_pk, 'email' as id_type, slip(given || '.' || family || suffix, record, 24) || '@' || domain as value
    from record
    where chance(record, 25) < 0.8
    union all
    select source, source_pk, 'phone', phone
    from record
    where chance(record, 26) < 0.6
)
select source, source_pk, id_type, value as id_value_norm, value as id_match_key, 0 as position, false as is_blocked
from contact
