-- Every value a live record offers for a field group of its profile.
--
-- value_key says which values count as the same: the address as written for e-mail and phone, the folded
-- given name, family name and suffix for a name (middle names and titles are ornaments), the folded parts
-- for an address. completeness, more is better:
--   name        4 given and family name, 3 one of them an initial, 2 one alone, 1 an initial alone,
--               0 text that names no person
--   email       1 valid, 0 doubtful (a role address)
--   phone       1 valid, 0 doubtful (possible, not assigned)
--   address     street line 3, city 2, postal code 2, country 1, added up
--   others      1
-- Not eligible, so never golden: blocked values, phones without an international form.
-- word and is_excluded are for stewards (unify/steered_candidate).
--
-- reads:  member, source_priority, std.name, std.identifier, std.address, std.blocked_value
-- writes: temp table candidate
-- one row per: field group x record x value
create or replace temp table candidate as
with spelled_name as (
    select
        member.record_no, name.position,
        coalesce(nullif(name.given_key, ''), lower(name.given_name), '') as given,
        coalesce(nullif(name.family_key, ''), lower(name.family_name), '') as family,
        lower(coalesce(name.suffix, '')) as suffix,
        coalesce(name.is_person, true) as is_person
    from std.name as name
    join member using (source, source_pk)
    where name.given_name is not null or name.family_name is not null
),
name_value as (
    select
        record_no, position,
        given || '|' || family || '|' || suffix as value_key,
        case
            when not is_person then 0
            when given <> '' and family <> '' then if(length(given) > 1 and length(family) > 1, 4, 3)
            else if(length(given || family) > 1, 2, 1)
        end as completeness
    from spelled_name
),
address_part as (
    select
        member.record_no, address.position,
        nullif(
            concat_ws(
                ' ', address.house_number, coalesce(nullif(address.street_key, ''), lower(address.street)), address.unit
            ), ''
        ) as street_line,
        lower(address.line1) as line1,
        address.po_box,
        coalesce(nullif(address.city_key, ''), lower(address.city)) as city,
        lower(address.region) as region,
        coalesce(nullif(address.postal_key, ''), lower(address.postal_code)) as postal,
        address.country_iso2 as country,
        address.address_key
    from std.address as address
    join member using (source, source_pk)
),
address_value as (
    select
        record_no, position, address_key,
        lower(concat_ws(
            ', ',
            case when street_line is null and po_box is null then line1 else street_line end,
            po_box, city, if(postal is null, region, null), postal, country
        )) as value_key,
        if(coalesce(street_line, po_box, line1) is null, 0, 3) + if(city is null, 0, 2)
            + if(postal is null, 0, 2) + if(country is null, 0, 1) as completeness
    from address_part
),
written as (
    select 'name' as field_group, record_no, position, value_key, completeness, null as address_key
    from name_value
    union all
    select 'address', record_no, position, value_key, completeness, address_key
    from address_value where completeness > 0
),
several as (
    select distinct field_group, record_no from written where position > 0
),
single as (
    -- a record may write one name or address in several places: the best of them stands for it
    select * from written anti join several using (field_group, record_no)
    union all
    select field_group, record_no, arg_min(position, row(-completeness, position)), value_key,
        max(completeness), min(address_key)
    from written
    semi join several using (field_group, record_no)
    group by field_group, record_no, value_key
),
offered as (
    select
        single.field_group, member.profile_no, member.record_no, single.position, single.value_key, single.completeness,
        blocked.id_value is not null as is_blocked, true as has_form, member.source, member.source_bit,
        member.first_at, member.updated_at
    from single
    join member using (record_no)
    left join std.blocked_value as blocked
        on single.field_group = 'address' and blocked.id_type = 'address' and blocked.id_value = single.address_key
    union all
    select
        identifier.id_type, member.profile_no, member.record_no, identifier.position, identifier.id_value_norm,
        if(coalesce(identifier.is_valid, true), 1, 0), coalesce(identifier.is_blocked, false),
        identifier.id_type = 'email' or regexp_full_match(identifier.id_value_norm, '\+[1-9]\d{6,14}'),
        member.source, member.source_bit, member.first_at, member.updated_at
    from std.identifier as identifier
    join member using (source, source_pk)
    where identifier.id_type in ('email', 'phone')
    union all
    select 'birth_date', profile_no, record_no, 0, strftime(birth_date, '%Y-%m-%d'), 1, false, true,
        source, source_bit, first_at, updated_at
    from member where birth_date is not null
    union all
    select 'gender', profile_no, record_no, 0, gender, 1, false, true, source, source_bit, first_at, updated_at
    from member where gender is not null
    union all
    select 'company', profile_no, record_no, 0, lower(trim(company)), 1, false, true,
        source, source_bit, first_at, updated_at
    from member where trim(company) <> ''
)
select
    offered.field_group,
    offered.profile_no,
    offered.record_no,
    offered.position::integer as position,
    offered.value_key,
    offered.completeness::tinyint as completeness,
    source_priority.priority,
    offered.source_bit,
    offered.first_at,
    offered.updated_at,
    offered.is_blocked,
    offered.has_form and (offered.field_group = 'address' or not offered.is_blocked) as is_eligible,
    null::bigint as word,
    false as is_excluded
from offered
join source_priority using (field_group, source)
