-- reads std.source_record, identity.profile_xref, identity.profile, gold.customer_360
-- writes nothing
-- one row: counts that must be 0; every live record is in exactly one profile (P4)
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with member as materialized (
    select hash(source, source_pk) as place from identity.profile_xref
),
homeless as (
    select source || ' ' || source_pk as key
    from std.source_record
    anti join member on member.place = hash(source, source_pk)
    where has_identity
),
unknown_record as (
    select source || ' ' || source_pk as key
    from identity.profile_xref
    anti join (select hash(source, source_pk) as place from std.source_record) as record
        on record.place = hash(source, source_pk)
),
crowded as (
    select place from member group by place having count(*) > 1
),
twice as (
    select any_value(source || ' ' || source_pk) as key
    from identity.profile_xref
    semi join crowded on crowded.place = hash(source, source_pk)
    group by source, source_pk
    having count(*) > 1
),
profile_size as (
    select profile_id, count(*) as n_records from identity.profile_xref group by profile_id
),
active as (
    select profile_id, n_records from identity.profile where status = 'active'
),
in_ended as (
    select profile_size.profile_id as key from profile_size anti join active using (profile_id)
),
empty as (
    select active.profile_id as key from active anti join profile_size using (profile_id)
),
miscounted as (
    select active.profile_id as key
    from active
    join profile_size using (profile_id)
    left join gold.customer_360 as golden using (profile_id)
    where active.n_records is distinct from profile_size.n_records
        or golden.n_source_records is distinct from profile_size.n_records
),
without_golden as (
    select active.profile_id as key from active anti join gold.customer_360 using (profile_id)
),
golden_of_nobody as (
    select golden.profile_id as key from gold.customer_360 as golden anti join active using (profile_id)
),
golden_twice as (
    select profile_id as key from gold.customer_360 group by profile_id having count(*) > 1
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
