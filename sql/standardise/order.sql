-- reads: orders (with `_own`: fed by the object whose name it bears)
-- writes: std.order
-- one row per: order; the object's own file wins over what another object tells of it
select * exclude (_own)
from orders
qualify row_number() over (partition by source, order_id order by _own desc) = 1
