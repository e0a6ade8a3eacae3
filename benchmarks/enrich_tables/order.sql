-- reads size(records)
-- one row per order: nine for ten records, some people often, most hardly ever
select
    'shop_order' as source, n::varchar as order_id,
    if(n % 11 = 3, null, 'shop_customer') as person_source,
    if(n % 11 = 3, null, (4 * floor(pow((hash(n, 1) % 1000003) / 1000003.0, 2) * records / 4))::bigint::varchar) as person_pk,
    timestamp '2023-06-01' + to_seconds((hash(n, 2) % 80000000)::bigint) as order_at, 'Etc/UTC' as time_zone,
    ['online', 'store', 'other'][1 + (hash(n, 3) % 3)::integer] as channel, 'USD' as currency,
    10 + (hash(n, 4) % 30000) / 100 as gross, (hash(n, 5) % 300) / 100 as discount, 0 as tax, 0 as shipping,
    if(n % 23 = 0, 5, 0) as returned_revenue, 0 as canceled_revenue,
    10 + (hash(n, 4) % 30000) / 100 - (hash(n, 5) % 300) / 100 - if(n % 23 = 0, 5, 0) as net_revenue,
    20 as total_charged, n % 501 = 0 as is_test
from range((select records * 9 // 10 from size)) as orders(n)
cross join size
