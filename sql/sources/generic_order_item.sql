-- reads: delivered (rows of a generic source of kind order_item)
-- writes: std.order_item
-- one row per: line of an order; `person_source` of the configuration names the object of the orders
-- by hand: create table delivered as select ...
select
    coalesce(person_source, object) as source,
    order_id,
    row_number() over (
        partition by coalesce(person_source, object), order_id order by source_pk, content
    ) as line_number,
    sku,
    product,
    coalesce(quantity, 1) as quantity,
    coalesce(unit_price, cast(round(gross / nullif(quantity, 0), 4) as decimal(18, 4))) as unit_price,
    coalesce(gross, coalesce(quantity, 1) * unit_price) as gross,
    abs(coalesce(discount, 0)) as discount,
    coalesce(gross, coalesce(quantity, 1) * unit_price) - abs(coalesce(discount, 0)) as net_revenue,
    vendor,
    category
from delivered
where order_id is not null
