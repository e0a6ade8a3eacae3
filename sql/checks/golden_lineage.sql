-- reads gold.customer_360, gold.field_lineage, identity.profile_xref, std.source_record, std.name,
--       std.identifier, std.address
-- writes nothing
-- one row: counts that must be 0; every golden value has an origin and is what stands there. A value that a
-- steward pinned is a person's word and is not looked up.
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with unfolded as (
    select profile_id, unnest([
        if(given_name is not null or family_name is not null, 'name', null),
        if(email is not null, 'email', null),
        if(phone is not null, 'phone', null),
        if(
            coalesce(address_line1, address_line2, city, region, postal_code, country_iso2) is not null,
            'address', null
        ),
        if(birth_date is not null, 'birth_date', null),
        if(gender is not null, 'gender', null),
        if(company is not null, 'company', null)
    ]) as field_group
    from gold.customer_360
),
golden_group as not materialized (
    select profile_id, field_group, hash(profile_id, field_group) as place
    from unfolded
    where field_group is not null
),
lineage as not materialized (
    select profile_id, field_group, hash(profile_id, field_group) as place from gold.field_lineage
),
suspect as materialized (
    -- of the values in 4096 parts, those whose sums differ between the two sides
    select place % 4096 as part
    from (select place, 1 as side from golden_group union all select place, -1 from lineage)
    group by part
    having sum(place::hugeint * side) <> 0 or sum(side) <> 0
),
suspect_value as (
    select golden_group.* from golden_group semi join suspect on suspect.part = place % 4096
),
suspect_lineage as (
    select lineage.* from lineage semi join suspect on suspect.part = place % 4096
),
without_lineage as (
    select profile_id || ' ' || field_group as key from suspect_value anti join suspect_lineage using (place)
),
without_value as (
    select profile_id || ' ' || field_group as key from suspect_lineage anti join suspect_value using (place)
),
stranger as (
    select lineage.profile_id || ' ' || lineage.field_group as key
    from gold.field_lineage as lineage
    anti join identity.profile_xref as xref
        on hash(xref.source, xref.source_pk, xref.profile_id)
        = hash(lineage.winning_source, lineage.winning_source_pk, lineage.profile_id)
),
claimed as (
    select
        origin.profile_id, origin.field_group,
        hash(
            origin.field_group, origin.winning_source, origin.winning_source_pk,
            case origin.field_group
                when 'name' then hash(golden.given_name, golden.middle_name, golden.family_name, golden.suffix)
                when 'email' then hash(golden.email)
                when 'phone' then hash(golden.phone)
                when 'address' then hash(
                    golden.address_line1, golden.address_line2, golden.city, golden.region, golden.postal_code,
                    golden.country_iso2
                )
                when 'birth_date' then hash(golden.birth_date)
                when 'gender' then hash(golden.gender)
                when 'company' then hash(trim(golden.company))
            end
        ) as claim
    from gold.field_lineage as origin
    join gold.customer_360 as golden using (profile_id)
    where origin.rule is distinct from 'steward'
        and origin.field_group in ('name', 'email', 'phone', 'address', 'birth_date', 'gender', 'company')
),
offered as (
    select hash('name', source, source_pk, hash(given_name, middle_name, family_name, suffix)) as claim from std.name
    union all
    select hash(id_type, source, source_pk, hash(id_value_norm))
    from std.identifier where id_type in ('email', 'phone')
    union all
    select hash('address', source, source_pk, hash(line1, line2, city, region, postal_code, country_iso2))
    from std.address
    union all
    select hash('birth_date', source, source_pk, hash(birth_date))
    from std.source_record where birth_date is not null
    union all
    select hash('gender', source, source_pk, hash(gender)) from std.source_record where gender is not null
    union all
    select hash('company', source, source_pk, hash(trim(company))) from std.source_record where company is not null
),
unfounded as materialized (
    select profile_id, field_group from claimed anti join offered using (claim)
),
mixed_address as (
    select profile_id || ' address' as key from unfounded where field_group = 'address'
),
other_value as (
    select profile_id || ' ' || field_group as key from unfounded where field_group <> 'address'
)
select
    (select count(*) from without_lineage) as golden_values_without_lineage,
    (select min(key, 3) from without_lineage) as golden_values_without_lineage_examples,
    (select count(*) from without_value) as lineage_without_value,
    (select min(key, 3) from without_value) as lineage_without_value_examples,
    (select count(*) from stranger) as winners_of_another_profile,
    (select min(key, 3) from stranger) as winners_of_another_profile_examples,
    (select count(*) from other_value) as golden_values_not_of_winner,
    (select min(key, 3) from other_value) as golden_values_not_of_winner_examples,
    (select count(*) from mixed_address) as addresses_not_of_one_record,
    (select min(key, 3) from mixed_address) as addresses_not_of_one_record_examples;
