-- reads std.order
-- one row per line
select source, order_id, 1 as line_number, 'SKU' || hash(order_id) % 5000 as sku, 1 as quantity, gross, discount, gross - discount as net_revenue
from std."order"
