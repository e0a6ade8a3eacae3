-- Records of which anything that matching compares was said otherwise in the run before, or not at all.
-- reads numbered; now.source_record, now.name, now.identifier, now.address, now.attribute: today's rows but for those of
--   files that are the same in both runs; and the same of `earlier`
-- one row per new or changed record, in order of its number
with said_now as (
    select
        source, source_pk,
        hash('source_record', source, source_pk, birth_year, birth_month, birth_day, gender, company) as content
    from now.source_record
    union all
    select
        source, source_pk,
        hash('name', source, source_pk, position, given_key, middle_key, family_key, suffix, is_person) as content
    from now.name
    union all
    select
        source, source_pk,
        hash('identifier', source, source_pk, position, id_type, id_match_key, is_blocked) as content
    from now.identifier
    union all
    select
        source, source_pk,
        hash(
            'address', source, source_pk, position, house_number, street_key, unit, po_box, postal_key, city_key, region
        ) as content
    from now.address
    union all
    select
        source, source_pk,
        hash('attribute', source, source_pk, name, value) as content
    from now.attribute
),

said_earlier as (
    select
        source, source_pk,
        hash('source_record', source, source_pk, birth_year, birth_month, birth_day, gender, company) as content
    from earlier.source_record
    union all
    select
        source, source_pk,
        hash('name', source, source_pk, position, given_key, middle_key, family_key, suffix, is_person) as content
    from earlier.name
    union all
    select
        source, source_pk,
        hash('identifier', source, source_pk, position, id_type, id_match_key, is_blocked) as content
    from earlier.identifier
    union all
    select
        source, source_pk,
        hash(
            'address', source, source_pk, position, house_number, street_key, unit, po_box, postal_key, city_key, region
        ) as content
    from earlier.address
    union all
    select
        source, source_pk,
        hash('attribute', source, source_pk, name, value) as content
    from earlier.attribute
),

other as (
    select source, source_pk from said_now anti join said_earlier using (content)
    union
    select source, source_pk from said_earlier anti join said_now using (content)
)

select record
from numbered
join other using (source, source_pk)
order by record
