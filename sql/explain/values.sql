-- What a record says in every field that is compared.
-- reads std.source_record, std.name, std.identifier, std.address, std.attribute
-- one row per: field and value of the record asked for
-- parameters: $source, $source_pk
with own_names as (
    select * from std.name where source = $source and source_pk = $source_pk
),
own_record as (
    select * from std.source_record where source = $source and source_pk = $source_pk
),
said as (
    select 'given_name' as field, given_key as value, position from own_names
    union all
    select 'middle_name', middle_key, position from own_names
    union all
    select 'family_name', family_key, position from own_names
    union all
    select 'suffix', suffix, position from own_names
    union all
    select 'birth_date', concat_ws('-', birth_year, lpad(birth_month::varchar, 2, '0'), lpad(birth_day::varchar, 2, '0')), 0
    from own_record
    union all
    select 'gender', gender, 0 from own_record
    union all
    select 'company', company, 0 from own_record
    union all
    select id_type, id_match_key, position
    from std.identifier
    where source = $source and source_pk = $source_pk and not coalesce(is_blocked, false)
    union all
    select 'address', concat_ws(' ', house_number, street_key, unit, postal_key, city_key), position
    from std.address
    where source = $source and source_pk = $source_pk
    union all
    select 'attribute.' || name, value, 0 from std.attribute where source = $source and source_pk = $source_pk
)
select field, value
from said
where value is not null and value <> ''
group by field, value
order by field, min(position), value
