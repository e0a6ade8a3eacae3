-- reads:  identity.profile_xref, prior.profile_xref
-- writes: nothing
-- one row per: size of profile, in this run and in the last published one
with buckets(position, bucket, lowest, highest) as (
    values (1, '1', 1, 1), (2, '2', 2, 2), (3, '3', 3, 3), (4, '4', 4, 4), (5, '5', 5, 5), (6, '6–10', 6, 10),
        (7, '11–20', 11, 20), (8, '21–63', 21, 63), (9, '64–100', 64, 100), (10, '101–1,000', 101, 1000),
        (11, 'above 1,000', 1001, 9000000000)
),
now_sizes as (
    select records, count(*) as profiles
    from (select count(*) as records from identity.profile_xref group by profile_id)
    group by records
),
last_sizes as (
    select records, count(*) as profiles
    from (select count(*) as records from prior.profile_xref group by profile_id)
    group by records
)
select
    b.bucket,
    coalesce((select sum(profiles) from now_sizes where records between b.lowest and b.highest), 0)::bigint as profiles,
    coalesce(
        (select sum(profiles * records) from now_sizes where records between b.lowest and b.highest), 0
    )::bigint as records,
    coalesce((select sum(profiles) from last_sizes where records between b.lowest and b.highest), 0)::bigint
        as last_profiles
from buckets as b
order by b.position;
