-- Records of which anything that matching compares was said otherwise in the run before, or not at all.
-- reads numbered, std.source_record, std.name, std.identifier, std.address, std.attribute and the same of `before`
-- one row per new or changed record, in order of its number
with now as (
    select source, source_pk, hash('source_record', source, source_pk, birth_year, birth_month, birth_day, gender, company) as content
    from std.source_record
    union all
    select source, source_pk, hash('name', source, source_pk, position, given_key, middle_key, family_key, suffix, is_person) as content
    from std.name
    union all
    select source, source_pk, hash('identifier', source, source_pk, position, id_type, id_match_key, is_blocked) as content
    from std.identifier
    union all
    select source, source_pk, hash('address', source, source_pk, position, house_number, street_key, unit, po_box, postal_key, city_key, region) as content
    from std.address
    union all
    select source, source_pk, hash('attribute', source, source_pk, name, value) as content
    from std.attribute
),

earlier as (
    select source, source_pk, hash('source_record', source, source_pk, birth_year, birth_month, birth_day, gender, company) as content
    from before.source_record
    union all
    select source, source_pk, hash('name', source, source_pk, position, given_key, middle_key, family_key, suffix, is_person) as content
    from before.name
    union all
    select source, source_pk, hash('identifier', source, source_pk, position, id_type, id_match_key, is_blocked) as content
    from before.identifier
    union all
    select source, source_pk, hash('address', source, source_pk, position, house_number, street_key, unit, po_box, postal_key, city_key, region) as content
    from before.address
    union all
    select source, source_pk, hash('attribute', source, source_pk, name, value) as content
    from before.attribute
),

other as (
    select source, source_pk from now anti join earlier using (content)
    union
    select source, source_pk from earlier anti join now using (content)
)

select record
from numbered
join other using (source, source_pk)
order by record
