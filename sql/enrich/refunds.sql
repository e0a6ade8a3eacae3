-- Refunds with the person of their order. Where a source tells of no single refunds, or of less than the order's
-- returned revenue, what is left stands as one row without a time.
-- reads:  std.refund, gold.orders
-- writes: gold.refunds
-- one row per: refund
with refund as (
    select source, order_id, refund_number, refunded_at, time_zone, amount from std.refund
    union all
    select orders.source, orders.order_id, 0, null, null, orders.returned_revenue - coalesce(single.amount, 0)
    from gold.orders as orders
    left join (
        select source, order_id, sum(amount) as amount from std.refund group by source, order_id
    ) as single using (source, order_id)
    where coalesce(orders.returned_revenue, 0) > coalesce(single.amount, 0)
)
select
    refund.*,
    orders.profile_id,
    orders.currency,
    try_cast(refund.amount::decimal(20, 4) * orders.reporting_rate as decimal(18, 4)) as amount_reporting,
    orders.is_test
from refund
join gold.orders as orders using (source, order_id)
