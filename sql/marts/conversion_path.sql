-- What led to each conversion. A conversion is an order that counts (not a test, not cancelled whole) of a known person;
-- its path are that person's contacts in the lookback before it. Without one the order is its own, as channel direct.
-- reads:  contact, gold.touchpoint, gold.orders, mart.basis
-- writes: temp table conversion_path
-- one row per: conversion x contact
create or replace temp table conversion_path as
with conversion as (
    select
        row_number() over () as conversion_number, point.touchpoint_id as conversion_id, point.profile_id,
        point.occurred_at as converted_at,
        (coalesce(orders.net_revenue_reporting, orders.net_revenue, 0) * 10000)::hugeint as units,
        coalesce(
            if(net_revenue_reporting is null and net_revenue is not null, orders.currency,
                coalesce(orders.reporting_currency, orders.currency)), ''
        ) as currency
    from gold.touchpoint as point
    join gold.orders as orders on orders.source = point.source and orders.order_id = point.source_pk
    where point.touch_type = 'order' and point.is_conversion and point.profile_id is not null
        and point.occurred_at is not null
),
path as (
    select
        conversion.*,
        coalesce(contact.touchpoint_id, conversion.conversion_id) as touchpoint_id,
        coalesce(contact.channel, 'direct') as channel,
        contact.campaign,
        coalesce(contact.touched_at, conversion.converted_at) as touched_at,
        greatest(
            1,
            round(
                1e9 * pow(0.5, coalesce(date_diff('second', contact.touched_at, conversion.converted_at), 0)
                    / 3600 / basis.half_life_hours)
            )
        )::bigint as decayed
    from conversion
    cross join mart.basis as basis
    left join contact
        on contact.profile_id = conversion.profile_id and contact.touched_at <= conversion.converted_at
        and contact.touched_at >= conversion.converted_at - to_days(basis.lookback_days)
)
select
    *,
    row_number() over up_to_here as position,
    count(*) over whole as touches,
    count(*) filter (channel <> 'direct') over up_to_here as named_so_far,
    count(*) filter (channel <> 'direct') over whole as named,
    (sum(decayed) over up_to_here)::bigint as decayed_so_far,
    (sum(decayed) over whole)::bigint as decayed_in_all
from path
window
    up_to_here as (
        partition by conversion_number order by touched_at, touchpoint_id
        rows between unbounded preceding and current row
    ),
    whole as (
        partition by conversion_number order by touched_at, touchpoint_id
        rows between unbounded preceding and unbounded following
    )
