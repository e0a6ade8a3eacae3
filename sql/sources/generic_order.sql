-- reads: delivered (rows of a generic source of kind order, columns named as std.order names them)
-- writes: std.order
-- one row per: order
-- parameters: $currency
-- by hand: set variable currency = 'EUR'; and read getvariable('currency') for $currency
--
-- Where the goods before discount are not given, the total without tax and shipping stands for them.
with money as (
    select
        *,
        coalesce(gross, coalesce(total_charged, 0) - coalesce(tax, 0) - coalesce(shipping, 0) + abs(coalesce(discount, 0)))
            as goods,
        abs(coalesce(discount, 0)) as discounted,
        abs(coalesce(returned_revenue, 0)) as returned,
        abs(coalesce(canceled_revenue, 0)) as canceled
    from delivered
)

select
    object as source,
    source_pk as order_id,
    case when has_person then object when person_id is not null then person_source end as person_source,
    case when has_person then source_pk when person_source is not null then person_id end as person_pk,
    order_at,
    order_at_zone as time_zone,
    lower(channel) as channel,
    store_id,
    status,
    coalesce(upper(currency), $currency) as currency,
    goods as gross,
    discounted as discount,
    tax,
    shipping,
    returned as returned_revenue,
    canceled as canceled_revenue,
    goods - discounted - returned - canceled as net_revenue,
    total_charged,
    coalesce(lower(is_test) in ('1', 'true', 'yes'), false) as is_test,
    coalesce(title, source_pk) as title
from money
