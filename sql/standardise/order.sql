-- reads: told (orders that an object tells of), own (those that the objects they belong to tell of themselves)
-- writes: std.order
-- one row per: order of `told` of which its own object does not tell; the object's own file wins
select told.*
from told
anti join own using (source, order_id)
