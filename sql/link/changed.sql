-- Records of which anything was said otherwise in the run before, or not at all; is_compared where it is something that
-- matching compares. What unify reads beside that is hashed apart, with what makes it one statement.
-- reads numbered; now.source_record, now.name, now.identifier, now.address, now.attribute: today's rows but for those of
--   files that are the same in both runs; and the same of `earlier`
-- one row per new or changed record, in order of its number
with source_record as (
    select *, 1 as side from now.source_record union all by name select *, -1 as side from earlier.source_record
),
name as (
    select *, 1 as side from now.name union all by name select *, -1 as side from earlier.name
),
identifier as (
    select *, 1 as side from now.identifier union all by name select *, -1 as side from earlier.identifier
),
address as (
    select *, 1 as side from now.address union all by name select *, -1 as side from earlier.address
),
attribute as (
    select *, 1 as side from now.attribute union all by name select *, -1 as side from earlier.attribute
),
said as (
    select
        hash(source, source_pk) as place, side,
        hash('source_record', birth_year, birth_month, birth_day, gender, company) as compared,
        hash('source_record', system, birth_date, is_test, is_staff, source_created_at, source_updated_at) as beside
    from source_record
    union all
    select
        hash(source, source_pk), side,
        hash('name', position, given_key, middle_key, family_key, suffix, is_person),
        hash('name', position, title, given_name, middle_name, family_name)
    from name
    union all
    select
        hash(source, source_pk), side,
        hash('identifier', position, id_type, id_match_key, is_blocked),
        hash('identifier', position, id_type, id_value_norm, is_valid)
    from identifier
    union all
    select
        hash(source, source_pk), side,
        hash('address', position, house_number, street_key, unit, po_box, postal_key, city_key, region),
        hash('address', position, line1, line2, street, city, postal_code, country_iso2, address_key)
    from address
    union all
    select
        hash(source, source_pk), side,
        hash('attribute', name, value),
        0::ubigint
    from attribute
),
other as (
    -- what is said on both days cancels out
    select place, sum(compared::hugeint * side) <> 0 as is_compared
    from said
    group by place
    having is_compared or sum(beside::hugeint * side) <> 0
)
select numbered.record, other.is_compared
from numbered
join other on other.place = hash(numbered.source, numbered.source_pk)
order by numbered.record
