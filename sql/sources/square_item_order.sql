-- reads: delivered (rows of square_item)
-- writes: std.order, for transactions whose own file was not delivered
-- one row per: transaction
-- parameters: $prefix, $currency
-- by hand: set variable prefix = ''; and read getvariable('prefix') for $prefix
with part as (
    select *, lower(coalesce(event_type, '')) = 'refund' as is_refund
    from delivered
    where transaction_id is not null
),

summed as (
    select
        transaction_id as order_id,
        min(happened) as order_at,
        arg_min(happened_zone, (happened, source_pk)) as time_zone,
        arg_min(location, (is_refund, happened, source_pk)) as store_id,
        arg_min(customer_id, (is_refund, happened, source_pk)) as customer_id,
        arg_min(channel, (is_refund, happened, source_pk)) as sold_through,
        coalesce(sum(gross_sales) filter (not is_refund), 0) as gross,
        coalesce(sum(abs(discounts)) filter (not is_refund), 0) as discount,
        coalesce(sum(tax) filter (not is_refund), 0) as tax,
        coalesce(sum(abs(net_sales)) filter (is_refund), 0) as returned
    from part
    group by transaction_id
)

select
    $prefix || 'square_transaction' as source,
    order_id,
    case when customer_id is not null then $prefix || 'square_customer' end as person_source,
    customer_id as person_pk,
    order_at,
    time_zone,
    case when lower(coalesce(sold_through, '')) similar to '.*(online|web|invoice|ecom).*' then 'online' else 'store' end
        as channel,
    store_id,
    case when returned > 0 and returned >= gross - discount then 'refunded'
         when returned > 0 then 'partially_refunded'
         else 'completed' end as status,
    $currency as currency,
    gross,
    discount,
    tax,
    0::decimal(18, 4) as shipping,
    returned as returned_revenue,
    0::decimal(18, 4) as canceled_revenue,
    gross - discount - returned as net_revenue,
    null::decimal(18, 4) as total_charged,
    false as is_test,
    order_id as title
from summed
