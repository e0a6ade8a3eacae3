-- reads std.source_record, identity.profile_xref, identity.profile, gold.customer_360
-- writes nothing
-- one row: counts that must be 0; every live record is in exactly one profile (P4)
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs. Sums over 4096 parts tell whether there is anything to look for; they fit only where both
-- sides hold the same.
with record as not materialized (
    select source, source_pk, has_identity, hash(source, source_pk) as place from std.source_record
),
member as not materialized (
    select source, source_pk, profile_id, hash(source, source_pk) as place, hash(profile_id) as owner
    from identity.profile_xref
),
uneven as materialized (
    -- parts in which the records with an identity and those in profiles differ
    select place % 4096 as part
    from (
        select place, 1 as side from record where has_identity
        union all
        select place, -1 from member
    )
    group by part
    having sum(place::hugeint * side) <> 0 or sum(side) <> 0
),
homeless as (
    select source || ' ' || source_pk as key
    from (select * from record semi join uneven on uneven.part = place % 4096)
    anti join member using (place)
    where has_identity
),
unknown_record as (
    select source || ' ' || source_pk as key
    from (select * from member semi join uneven on uneven.part = place % 4096)
    anti join record using (place)
),
disordered as (
    -- the table stands in the order of its keys: where each is above the one before, none stands twice
    select 1 as found
    from (
        select source, source_pk, lag(source) over () as source_before, lag(source_pk) over () as pk_before from member
    )
    having count(*) filter (
        source > source_before or source = source_before and source_pk > pk_before
    ) < count(*) - 1
),
twice as (
    select any_value(source || ' ' || source_pk) as key
    from member
    cross join disordered
    group by source, source_pk
    having count(*) > 1
),
active as not materialized (
    select profile_id, n_records, hash(profile_id) as owner from identity.profile where status = 'active'
),
golden as not materialized (
    select profile_id, n_source_records, hash(profile_id) as owner from gold.customer_360
),
suspect as materialized (
    -- parts in which profiles differ: each as often as it has records, by its registry row and by its golden row
    select owner % 4096 as part
    from (
        select owner, 1 as by_members, 0 as by_registry, 0 as by_golden, 0 as side from member
        union all
        select owner, 0, if(n_records > 0, n_records, -1), 0, 1 from active
        union all
        select owner, 0, 0, if(n_source_records > 0, n_source_records, -1), -1 from golden
    )
    group by part
    having sum(owner::hugeint * (by_members - by_registry)) <> 0 or sum(by_members - by_registry) <> 0
        or sum(owner::hugeint * (by_members - by_golden)) <> 0 or sum(by_members - by_golden) <> 0
        or sum(owner::hugeint * side) <> 0 or sum(side) <> 0
),
profile_size as (
    select profile_id, count(*) as n_records
    from member
    semi join suspect on suspect.part = owner % 4096
    group by profile_id
),
suspect_active as (
    select profile_id, n_records from active semi join suspect on suspect.part = owner % 4096
),
suspect_golden as (
    select profile_id, n_source_records from golden semi join suspect on suspect.part = owner % 4096
),
in_ended as (
    select profile_size.profile_id as key from profile_size anti join suspect_active using (profile_id)
),
empty as (
    select active.profile_id as key from suspect_active as active anti join profile_size using (profile_id)
),
miscounted as (
    select active.profile_id as key
    from suspect_active as active
    join profile_size using (profile_id)
    left join suspect_golden as golden using (profile_id)
    where active.n_records is distinct from profile_size.n_records
        or golden.n_source_records is distinct from profile_size.n_records
),
without_golden as (
    select active.profile_id as key from suspect_active as active anti join suspect_golden using (profile_id)
),
golden_of_nobody as (
    select golden.profile_id as key from suspect_golden as golden anti join suspect_active using (profile_id)
),
golden_twice as (
    select profile_id as key from suspect_golden group by profile_id having count(*) > 1
)
select
    (select count(*) from homeless) as records_without_profile,
    (select min(key, 3) from homeless) as records_without_profile_examples,
    (select count(*) from unknown_record) as profile_records_unknown,
    (select min(key, 3) from unknown_record) as profile_records_unknown_examples,
    (select count(*) from twice) as records_in_two_profiles,
    (select min(key, 3) from twice) as records_in_two_profiles_examples,
    (select count(*) from in_ended) as profiles_not_active,
    (select min(key, 3) from in_ended) as profiles_not_active_examples,
    (select count(*) from empty) as active_profiles_without_record,
    (select min(key, 3) from empty) as active_profiles_without_record_examples,
    (select count(*) from miscounted) as profiles_miscounted,
    (select min(key, 3) from miscounted) as profiles_miscounted_examples,
    (select count(*) from without_golden) as active_profiles_without_golden,
    (select min(key, 3) from without_golden) as active_profiles_without_golden_examples,
    (select count(*) from golden_of_nobody) as golden_of_no_active_profile,
    (select min(key, 3) from golden_of_nobody) as golden_of_no_active_profile_examples,
    (select count(*) from golden_twice) as golden_profiles_twice,
    (select min(key, 3) from golden_twice) as golden_profiles_twice_examples;
