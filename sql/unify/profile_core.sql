-- The golden values of each profile. A name and an address stay whole: all their columns come from one place
-- of one record. profile_version grows when the golden values differ from the last published generation's.
-- A value that a steward typed stands in golden_word, at the negative number of its decision as position.
-- reads:  member, source_bit, system_bit, winner, golden_word, std.name, std.address, match.cluster, prior.customer_360,
--         carried, before.profile_core
-- writes: gold.profile_core
-- one row per: active profile
with profile as (
    select
        profile_no,
        any_value(profile_id) as profile_id,
        min(first_at) as first_record_at,
        max(updated_at) as last_record_at,
        count(*) as n_source_records,
        bool_and(is_test) as is_test,
        bool_or(is_staff) as is_staff,
        listed((select list(source order by source) from source_bit), bit_or(source_bit)) as sources,
        coalesce(listed((select list(system order by system) from system_bit), bit_or(system_bit)), []) as systems
    from member
    group by profile_no
),
typed as (
    select *, (-number)::integer as position from golden_word where kind = 'correct_value'
),
every_name as (
    select source, source_pk, position, title, given_name, middle_name, family_name, suffix from std.name
    union all
    select source, source_pk, position, title, given_name, middle_name, family_name, suffix
    from typed where field_group = 'name'
),
every_address as (
    select source, source_pk, position, line1, line2, city, region, postal_code, country_iso2 from std.address
    union all
    select source, source_pk, position, line1, line2, city, region, postal_code, country_iso2
    from typed where field_group = 'address'
),
golden_name as (
    select
        winner.profile_no, name.title, name.given_name, name.middle_name, name.family_name, name.suffix,
        concat_ws(' ', name.given_name, name.middle_name, name.family_name, name.suffix) as full_name
    from winner
    join every_name as name using (source, source_pk, position)
    where winner.field_group = 'name'
),
golden_address as (
    select
        winner.profile_no, address.line1, address.line2, address.city, address.region,
        address.postal_code, address.country_iso2
    from winner
    join every_address as address using (source, source_pk, position)
    where winner.field_group = 'address'
),
golden_company as (
    select winner.profile_no, coalesce(typed.company, member.company) as company
    from winner
    join member using (record_no)
    left join typed
        on typed.source = winner.source and typed.source_pk = winner.source_pk and typed.position = winner.position
        and typed.field_group = 'company'
    where winner.field_group = 'company'
),
golden_value as (
    select
        profile_no,
        any_value(value_key) filter (field_group = 'email') as email,
        any_value(value_key) filter (field_group = 'phone') as phone,
        any_value(value_key) filter (field_group = 'birth_date') as birth_date,
        any_value(value_key) filter (field_group = 'gender') as gender
    from winner
    where field_group in ('email', 'phone', 'birth_date', 'gender')
    group by profile_no
),
confidence as (
    select profile_id, min(confidence) as confidence from match.cluster group by profile_id
),
golden as (
    select
        profile.* exclude (profile_no),
        golden_name.* exclude (profile_no),
        golden_value.* exclude (profile_no),
        golden_company.company,
        golden_address.line1 as address_line1,
        golden_address.line2 as address_line2,
        golden_address.* exclude (profile_no, line1, line2),
        sha256(array_to_string([
            coalesce(golden_name.title, ''), coalesce(golden_name.given_name, ''),
            coalesce(golden_name.middle_name, ''), coalesce(golden_name.family_name, ''),
            coalesce(golden_name.suffix, ''), coalesce(golden_value.birth_date, ''),
            coalesce(golden_value.gender, ''), coalesce(golden_company.company, ''),
            coalesce(golden_value.email, ''), coalesce(golden_value.phone, ''),
            coalesce(golden_address.line1, ''), coalesce(golden_address.line2, ''),
            coalesce(golden_address.city, ''), coalesce(golden_address.region, ''),
            coalesce(golden_address.postal_code, ''), coalesce(golden_address.country_iso2, '')
        ], chr(31))) as profile_hash
    from profile
    left join golden_name using (profile_no)
    left join golden_value using (profile_no)
    left join golden_company using (profile_no)
    left join golden_address using (profile_no)
    union all by name
    select * exclude (match_confidence, profile_version) from before.profile_core semi join carried using (profile_id)
)
select
    golden.*,
    if(golden.n_source_records = 1, 1.0, confidence.confidence) as match_confidence,
    case
        when prior.profile_hash is null then 1
        when prior.profile_hash = golden.profile_hash then prior.profile_version
        else prior.profile_version + 1
    end as profile_version
from golden
left join confidence using (profile_id)
left join prior.customer_360 as prior using (profile_id)
