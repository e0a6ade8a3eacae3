-- reads numbered, std.address
-- one row per address of a record, in order of record and position
select
    record,
    lower(house_number) as house_number,
    street_key,
    lower(coalesce(unit, po_box)) as unit,
    postal_key,
    city_key,
    lower(region) as region
from numbered
join std.address using (source, source_pk)
where house_number is not null
   or street_key is not null
   or postal_key is not null
   or city_key is not null
   or po_box is not null
order by record, position
