-- reads gold.customer_360, gold.field_lineage, identity.profile_xref, std.source_record, std.name,
--       std.identifier, std.address
-- writes nothing
-- one row: counts that must be 0; every golden value has an origin and is what stands there. A value that a
-- steward pinned is a person's word and is not looked up.
with golden_group as (
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
paired as (
    select
        coalesce(golden.profile_id, lineage.profile_id) || ' ' || coalesce(golden.field_group, lineage.field_group)
            as key,
        golden.profile_id is not null as has_value,
        lineage.profile_id is not null as has_lineage
    from (select * from golden_group where field_group is not null) as golden
    full join gold.field_lineage as lineage using (profile_id, field_group)
    where golden.profile_id is null or lineage.profile_id is null
),
without_lineage as (
    select key from paired where not has_lineage
),
without_value as (
    select key from paired where not has_value
),
stranger as (
    select lineage.profile_id || ' ' || lineage.field_group as key
    from gold.field_lineage as lineage
    anti join identity.profile_xref as xref
        on xref.source = lineage.winning_source and xref.source_pk = lineage.winning_source_pk
        and xref.profile_id = lineage.profile_id
),
origin as (
    select profile_id, field_group, winning_source as source, winning_source_pk as source_pk
    from gold.field_lineage
    where rule is distinct from 'steward'
),
other_name as (
    select origin.profile_id || ' name' as key
    from origin
    join gold.customer_360 as golden using (profile_id)
    anti join std.name as name
        on name.source = origin.source and name.source_pk = origin.source_pk
        and name.given_name is not distinct from golden.given_name
        and name.middle_name is not distinct from golden.middle_name
        and name.family_name is not distinct from golden.family_name
        and name.suffix is not distinct from golden.suffix
    where origin.field_group = 'name'
),
other_contact as (
    select origin.profile_id || ' ' || origin.field_group as key
    from origin
    join gold.customer_360 as golden using (profile_id)
    anti join std.identifier as identifier
        on identifier.source = origin.source and identifier.source_pk = origin.source_pk
        and identifier.id_type = origin.field_group
        and identifier.id_value_norm = if(origin.field_group = 'email', golden.email, golden.phone)
    where origin.field_group in ('email', 'phone')
),
mixed_address as (
    select origin.profile_id || ' address' as key
    from origin
    join gold.customer_360 as golden using (profile_id)
    anti join std.address as address
        on address.source = origin.source and address.source_pk = origin.source_pk
        and address.line1 is not distinct from golden.address_line1
        and address.line2 is not distinct from golden.address_line2
        and address.city is not distinct from golden.city
        and address.region is not distinct from golden.region
        and address.postal_code is not distinct from golden.postal_code
        and address.country_iso2 is not distinct from golden.country_iso2
    where origin.field_group = 'address'
),
other_fact as (
    select origin.profile_id || ' ' || origin.field_group as key
    from origin
    join gold.customer_360 as golden using (profile_id)
    join std.source_record as record using (source, source_pk)
    where (origin.field_group = 'birth_date' and record.birth_date is distinct from golden.birth_date)
        or (origin.field_group = 'gender' and record.gender is distinct from golden.gender)
        or (origin.field_group = 'company' and trim(record.company) is distinct from trim(golden.company))
),
other_value as (
    select key from other_name
    union all
    select key from other_contact
    union all
    select key from other_fact
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
