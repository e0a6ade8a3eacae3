-- reads: delivered (rows of shopify_order, one per line item)
-- writes: std.order_item
-- one row per: line of an order, the order's first row first, then by product, SKU and price
-- parameters: $source
-- by hand: set variable source = 'shopify_order'; and read getvariable('source') for $source
select
    $source as source,
    source_pk as order_id,
    row_number() over (
        partition by source_pk
        order by
            is_head desc, lineitem_name, lineitem_sku, lineitem_price, lineitem_quantity, lineitem_discount, vendor,
            content, sha256, row_number
    ) as line_number,
    lineitem_sku as sku,
    lineitem_name as product,
    lineitem_quantity as quantity,
    lineitem_price as unit_price,
    lineitem_quantity * lineitem_price as gross,
    coalesce(lineitem_discount, 0) as discount,
    lineitem_quantity * lineitem_price - coalesce(lineitem_discount, 0) as net_revenue,
    vendor,
    null::varchar as category
from delivered
where lineitem_name is not null or lineitem_price is not null
