-- reads: delivered (rows of square_transaction, one per payment or refund)
-- writes: std.order
-- one row per: transaction
-- parameters: $source, $prefix, $currency
-- by hand: set variable source = 'square_transaction'; and read getvariable('source') for $source
--
-- A refund carries the transaction's id or one of its own and counts as returned revenue, not as negative gross.
-- `Partial Refunds` on a payment row count where no refund row does.
with part as (
    select
        *,
        transaction_id as order_id,
        lower(coalesce(event_type, '')) = 'refund' as is_refund,
        abs(coalesce(partial_refunds, 0)) as partly_refunded,
        lower(coalesce(transaction_status, '')) in ('voided', 'failed', 'canceled', 'cancelled') as is_voided
    from delivered
    where transaction_id is not null
),

summed as (
    select
        order_id,
        min(happened) as order_at,
        arg_min(happened_zone, (happened, source_pk)) as time_zone,
        arg_min(location, (is_refund, happened, source_pk)) as store_id,
        arg_min(coalesce(channel, source), (is_refund, happened, source_pk)) as sold_through,
        arg_min(customer_id, (is_refund, happened, source_pk)) as customer_id,
        coalesce(sum(gross_sales) filter (not is_refund), 0) as gross,
        coalesce(sum(abs(discounts)) filter (not is_refund), 0) as discount,
        coalesce(sum(tax) filter (not is_refund), 0) as tax,
        coalesce(sum(abs(net_sales)) filter (is_refund), 0) as refund_rows,
        coalesce(sum(partly_refunded) filter (not is_refund), 0) as partly_refunded,
        coalesce(sum(gross_sales - abs(coalesce(discounts, 0))) filter (is_voided and not is_refund), 0) as voided,
        sum(total_collected) as total_charged,
        bool_and(is_refund) as is_only_refund
    from part
    group by order_id
),

money as (
    select *, case when refund_rows > 0 then refund_rows else partly_refunded end as returned
    from summed
)

select
    $source as source,
    order_id,
    case when customer_id is not null then $prefix || 'square_customer' end as person_source,
    customer_id as person_pk,
    order_at,
    time_zone,
    case when lower(coalesce(sold_through, '')) similar to '.*(online|web|invoice|ecom).*' then 'online' else 'store' end
        as channel,
    store_id,
    case when is_only_refund or (returned > 0 and returned >= gross - discount) then 'refunded'
         when returned > 0 then 'partially_refunded'
         when voided > 0 then 'voided'
         else 'completed' end as status,
    $currency as currency,
    gross,
    discount,
    tax,
    0::decimal(18, 4) as shipping,
    returned as returned_revenue,
    voided as canceled_revenue,
    gross - discount - returned - voided as net_revenue,
    total_charged,
    false as is_test,
    order_id as title
from money
