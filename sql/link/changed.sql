-- Records of which anything that matching compares was said otherwise in the run before, or not at all.
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
        hash('source_record', birth_year, birth_month, birth_day, gender, company) as content
    from source_record
    union all
    select
        hash(source, source_pk), side,
        hash('name', position, given_key, middle_key, family_key, suffix, is_person)
    from name
    union all
    select
        hash(source, source_pk), side,
        hash('identifier', position, id_type, id_match_key, is_blocked)
    from identifier
    union all
    select
        hash(source, source_pk), side,
        hash('address', position, house_number, street_key, unit, po_box, postal_key, city_key, region)
    from address
    union all
    select
        hash(source, source_pk), side,
        hash('attribute', name, value)
    from attribute
),
other as (
    -- what is said on both days cancels out
    select place from said group by place having sum(content::hugeint * side) <> 0
)
select record
from numbered
semi join other on other.place = hash(numbered.source, numbered.source_pk)
order by record
