-- reads: delivered (rows of square_item)
-- writes: std.order_item
-- one row per: line of a transaction, by item, variation and amount
-- parameters: $prefix
-- by hand: set variable prefix = ''; and read getvariable('prefix') for $prefix
select
    $prefix || 'square_transaction' as source,
    transaction_id as order_id,
    row_number() over (
        partition by transaction_id
        order by event_type, item, price_point_name, sku, gross_sales desc, qty, source_pk, content
    ) as line_number,
    sku,
    concat_ws(' - ', item, nullif(price_point_name, 'Regular')) as product,
    case when lower(coalesce(event_type, '')) = 'refund' then -abs(coalesce(qty, 1)) else coalesce(qty, 1) end as quantity,
    case when coalesce(qty, 0) <> 0 then abs(cast(round(gross_sales / qty, 4) as decimal(18, 4))) end as unit_price,
    gross_sales as gross,
    case when lower(coalesce(event_type, '')) = 'refund' then -1 else 1 end * abs(coalesce(discounts, 0)) as discount,
    coalesce(net_sales, gross_sales) as net_revenue,
    null::varchar as vendor,
    nullif(category, 'None') as category
from delivered
where transaction_id is not null
