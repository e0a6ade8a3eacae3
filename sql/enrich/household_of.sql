-- Which profiles are one household: the same surname at the same address, once people are resolved. The address is the
-- golden one, with house number or post box; one that is blocked (an office, a mail drop) joins nobody. In a house of
-- no more surnames than $max_surnames, a person whose flat is not told lives in the only flat told for his surname, or
-- in none. In a house of more surnames (flats), only people with the same flat are joined. More than $max_members
-- people of one surname are no household.
-- reads:  gold.profile_core, gold.field_lineage, std.address, std.blocked_value
-- writes: temp table household_of
-- one row per: profile in a household
-- parameters: $max_members, $max_surnames, $salt (of the keyed hash)
create or replace temp table household_of as
with placed as (
    select
        core.profile_id, core.city, core.country_iso2, core.birth_date,
        regexp_replace(lower(strip_accents(core.family_name)), '[^\p{L}]+', '', 'g') as surname_key,
        concat_ws(
            '|', coalesce(address.country_iso2, ''), coalesce(address.house_number, ''), coalesce(address.street_key, ''),
            coalesce(address.po_box, ''), coalesce(address.postal_key, address.city_key, '')
        ) as house_key,
        lower(address.unit) as unit
    from gold.profile_core as core
    join gold.field_lineage as lineage on lineage.profile_id = core.profile_id and lineage.field_group = 'address'
    join std.address as address
        on address.source = lineage.winning_source and address.source_pk = lineage.winning_source_pk
        and address.line1 is not distinct from core.address_line1 and address.city is not distinct from core.city
        and address.postal_code is not distinct from core.postal_code
    left join std.blocked_value as blocked on blocked.id_type = 'address' and blocked.id_value = address.address_key
    where blocked.id_value is null and not core.is_test and core.family_name is not null
        and coalesce(address.house_number, address.po_box) is not null
        and coalesce(address.street_key, address.po_box) is not null
        and coalesce(address.postal_key, address.city_key) is not null
    qualify row_number() over (partition by core.profile_id order by address.position) = 1
),
house as (
    select house_key, count(distinct surname_key) > $max_surnames as is_flats from placed group by house_key
),
family as (
    select house_key, surname_key, min(unit) as only_unit
    from placed
    group by house_key, surname_key
    having min(unit) = max(unit)
),
settled as (
    select
        placed.profile_id, placed.city, placed.country_iso2, placed.birth_date, placed.surname_key, house.is_flats,
        placed.house_key || '|' || coalesce(placed.unit, if(house.is_flats, null, family.only_unit), '') as address_key
    from placed
    join house using (house_key)
    left join family using (house_key, surname_key)
    where placed.surname_key <> '' and (placed.unit is not null or not house.is_flats)
)
select
    *,
    'h_' || left(sha256(concat_ws(chr(31), $salt, address_key, surname_key)), 20) as household_id
from settled
qualify count(*) over (partition by address_key, surname_key) <= $max_members
