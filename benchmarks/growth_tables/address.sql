-- reads record
-- writes std.address
-- one row per record with an address
select
    source,
    source_pk,
    0 as position,
    house as house_number,
    slip(street, record, 27) as street_key,
    postal as postal_key,
    city as city_key
from record
where chance(record, 28) < 0.6
