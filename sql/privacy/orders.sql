-- Orders of the person.
-- reads:  std.order, gold.orders, erased_record, wanted_profile
-- one row per: order
select orders.source, orders.order_id
from std.order as orders
semi join erased_record on erased_record.source = orders.person_source and erased_record.source_pk = orders.person_pk
union
select orders.source, orders.order_id from gold.orders as orders semi join wanted_profile using (profile_id)
order by all
