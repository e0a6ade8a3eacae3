-- reads std.source_record, identity.profile_xref
-- one row per profile
select
    profile_id, 'Given' as given_name, 'Family' || hash(profile_id) % 50000 as family_name,
    'Given Family' || hash(profile_id) % 50000 as full_name, 'person' || profile_id || '@example.com' as email,
    (profile_id[2:]::bigint // 2) || ' Main St' as address_line1, 'Town' as city,
    lpad((profile_id[2:]::bigint // 2 % 30000)::varchar, 5, '0') as postal_code, 'US' as country_iso2,
    min(source_created_at) as first_record_at, max(source_updated_at) as last_record_at,
    count(*) as n_source_records, list_sort(list_distinct(list(source))) as sources,
    list_sort(list_distinct(list(system))) as systems, 1.0 as match_confidence, 1 as profile_version,
    bool_and(is_test) as is_test, bool_or(is_staff) as is_staff, sha256(profile_id) as profile_hash
from identity.profile_xref
join std.source_record using (source, source_pk)
group by profile_id
