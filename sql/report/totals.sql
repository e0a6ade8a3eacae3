-- reads:  std.source_record, raw.file, identity.profile_xref, gold.orders
-- writes: nothing
-- one row per: run: the four numbers at the head of the report
with held as (
    select profile_id, count(*) as records from identity.profile_xref group by profile_id
)
select
    (select count(*) from std.source_record) as records,
    (select coalesce(sum(rows), 0)::bigint from raw.file where status = 'landed') as landed_rows,
    (select coalesce(sum(rejected_rows), 0)::bigint from raw.file where status = 'landed') as rejected_rows,
    (select count(*) from raw.file) as files,
    (select count(*) from raw.file where status = 'refused') as refused_files,
    (select count(*) from held) as profiles,
    (select count(*) from held where records > 1) as joined_profiles,
    (select coalesce(max(records), 0) from held) as largest_profile,
    (select count(*) from gold.orders) as orders,
    (select count(*) from gold.orders where profile_id is null) as orders_without_person;
