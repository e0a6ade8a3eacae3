-- reads record
-- writes std.name
-- one row per record with a name
select
    source,
    source_pk,
    0 as position,
    slip(given, record, 21) as given_key,
    slip(family, record, 22) as family_key,
    true as is_person
from record
where chance(record, 23) < 0.97
