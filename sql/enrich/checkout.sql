-- Abandoned checkouts, and whether the same profile ordered online within 7 days: the first such order.
-- reads:  gold.touchpoint, gold.orders
-- writes: gold.checkout
-- one row per: abandoned checkout
with online as (
    select profile_id, order_at, source, order_id
    from gold.orders
    where profile_id is not null and order_at is not null and not is_test and coalesce(channel, 'online') = 'online'
        and coalesce(canceled_revenue, 0) < greatest(coalesce(gross, 0) - coalesce(discount, 0), 0.01)
    qualify row_number() over (partition by profile_id, order_at order by source, order_id) = 1
),
followed as (
    select
        checkout.*, online.order_at, online.source as order_source, online.order_id,
        coalesce(online.order_at <= checkout.occurred_at + interval 7 day, false) as is_recovered
    from (select * from gold.touchpoint where touch_type = 'checkout_abandoned') as checkout
    asof left join online on online.profile_id = checkout.profile_id and checkout.occurred_at <= online.order_at
)
select
    source,
    source_pk as checkout_id,
    profile_id,
    occurred_at as abandoned_at,
    time_zone,
    value,
    currency,
    if(profile_id is null or occurred_at is null, null, is_recovered) as is_recovered,
    if(is_recovered, order_at, null) as recovered_at,
    if(is_recovered, order_source, null) as order_source,
    if(is_recovered, order_id, null) as order_id
from followed
