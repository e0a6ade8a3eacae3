-- reads std.source_record
-- one row per record
select
    source, source_pk, 0 as position, 'mailing' as kind, number || ' Main St' as line1, number::varchar as house_number,
    'main street' as street, 'main street' as street_key, 'Town' as city, 'town' as city_key,
    lpad((number % 30000)::varchar, 5, '0') as postal_code, lpad((number % 30000)::varchar, 5, '0') as postal_key,
    'US' as country_iso2, number || '|main street|' || (number % 30000) as address_key
from (select *, source_pk::bigint * 2 // 5 // 2 as number from std.source_record)
