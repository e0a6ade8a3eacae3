-- The visits with the orders placed in them.
-- reads:  visit_session, session_order, gold.orders
-- writes: gold.session
-- one row per: visit
with placed as (
    select
        session_order.session_id,
        count(*) as orders,
        arg_min(source, (orders.order_at, source, order_id)) as order_source,
        arg_min(order_id, (orders.order_at, source, order_id)) as order_id
    from session_order
    join gold.orders as orders using (source, order_id)
    group by session_order.session_id
)
select
    visit_session.* exclude (visit_key, visit_number) replace (
        visit_session.is_converted or placed.session_id is not null as is_converted
    ),
    coalesce(placed.orders, 0) as orders,
    placed.order_source,
    placed.order_id
from visit_session
left join placed using (session_id)
