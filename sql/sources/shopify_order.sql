-- reads: delivered (rows of shopify_order; one head row per order, further lines beside it)
-- writes: std.order
-- one row per: order
-- parameters: $source, $currency (of the shop, where the file names none)
-- by hand: set variable source = 'shopify_order'; and read getvariable('source') for $source
--
-- `Subtotal` is the goods after discounts, before shipping and tax; `Refunded Amount` may hold shipping and tax,
-- so that no more than the goods counts as returned. What a cancelled or voided order did not return is cancelled.
with line as (
    select source_pk, sum(lineitem_quantity * lineitem_price) as gross
    from delivered
    group by source_pk
),

head as (
    select
        delivered.*,
        coalesce(discount_amount, 0) as discount,
        coalesce(subtotal + coalesce(discount_amount, 0), line.gross, 0) as gross,
        cancelled_at is not null or lower(financial_status) = 'voided' as is_cancelled
    from delivered
    join line using (source_pk)
    where is_head
),

money as (
    select
        *,
        least(greatest(coalesce(refunded_amount, 0), 0), greatest(gross - discount, 0)) as returned
    from head
)

select
    $source as source,
    source_pk as order_id,
    case when has_person then $source end as person_source,
    case when has_person then source_pk end as person_pk,
    created_at as order_at,
    created_at_zone as time_zone,
    case lower(source)
        when 'pos' then 'store'
        when 'web' then 'online'
        else case when source is null then 'online' else 'other' end
    end as channel,
    location as store_id,
    coalesce(
        case when cancelled_at is not null then 'cancelled' end, financial_status, fulfillment_status
    ) as status,
    coalesce(upper(currency), $currency) as currency,
    gross,
    discount,
    taxes as tax,
    shipping,
    returned as returned_revenue,
    case when is_cancelled then gross - discount - returned else 0 end as canceled_revenue,
    gross - discount - returned - case when is_cancelled then gross - discount - returned else 0 end as net_revenue,
    total as total_charged,
    coalesce(is_test = 'true', false) as is_test,
    name as title
from money
