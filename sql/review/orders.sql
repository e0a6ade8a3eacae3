-- reads:  wanted_profile (profile_id), memory.review.orders, gold.orders
-- one row per: order of a wanted profile, the latest first, at most fifty of each
select profile_id, source, order_id, order_at, channel, status, currency, net_revenue, title, is_test
from gold.orders
join (
    select orders.place from memory.review.orders as orders semi join wanted_profile using (profile_id)
) as spot on gold.orders.rowid = spot.place
qualify row_number() over (partition by profile_id order by order_at desc nulls last, source, order_id) <= 50
order by profile_id, order_at desc nulls last, source, order_id
