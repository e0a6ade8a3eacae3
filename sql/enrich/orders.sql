-- All orders, each with the profile of the record it names. An order of a test record is a test order.
-- reads:  std.order, std.order_item, std.source_record, record_profile
-- writes: gold.orders
-- one row per: order
with line_count as (
    select source, order_id, count(*) as n_items from std.order_item group by source, order_id
)
select
    orders.* exclude (person_source, person_pk, is_test),
    record_profile.profile_id,
    coalesce(line_count.n_items, 0) as n_items,
    coalesce(orders.is_test, false) or coalesce(person.is_test, false) as is_test
from std.order as orders
left join record_profile
    on record_profile.source = orders.person_source and record_profile.source_pk = orders.person_pk
left join std.source_record as person
    on person.source = orders.person_source and person.source_pk = orders.person_pk
left join line_count on line_count.source = orders.source and line_count.order_id = orders.order_id
