-- All order lines with the profile of their order.
-- reads:  std.order_item, gold.orders
-- writes: gold.order_items
-- one row per: line of an order
select item.*, orders.profile_id
from std.order_item as item
left join gold.orders as orders using (source, order_id)
