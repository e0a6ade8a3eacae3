-- reads:  std.source_record, identity.profile_xref
-- writes: nothing
-- one row per: source object, and all of them as one
with placed as materialized (
    select r.source, r.system, hash(x.profile_id) as profile, x.profile_id is not null as is_placed, r.is_test, r.is_staff
    from std.source_record as r
    left join identity.profile_xref as x using (source, source_pk)
),
spread as (
    select profile, min(system) <> max(system) as is_met from placed where is_placed group by profile
),
per_profile as (
    select distinct source, profile from placed where is_placed
),
shares as (
    select p.source, count(*) as profiles, count(*) filter (where s.is_met) as met_elsewhere
    from per_profile as p join spread as s using (profile)
    group by p.source
),
counted as (
    select
        source, count(*) as records,
        count(*) filter (where is_test) as test_records, count(*) filter (where is_staff) as staff_records
    from placed group by source
),
each as (
    select
        c.source, c.records, coalesce(s.profiles, 0) as profiles,
        case when s.profiles > 0 then 1 - s.profiles / c.records end as dedup_share,
        case when s.profiles > 0 then s.met_elsewhere / s.profiles end as elsewhere_share,
        c.test_records, c.staff_records
    from counted as c left join shares as s using (source)
),
whole as (
    select
        'all' as source, count(*) as records, (select count(*) from spread) as profiles,
        case when count(*) filter (where is_placed) > 0 then 1 - (select count(*) from spread) / count(*) end as dedup_share,
        (select count(*) filter (where is_met) / nullif(count(*), 0) from spread) as elsewhere_share,
        count(*) filter (where is_test) as test_records, count(*) filter (where is_staff) as staff_records
    from placed
)
select * from each
union all
select * from whole
order by source = 'all', source;
