-- Who is credited with a conversion, by the models that share out one conversion at a time. A conversion is an order
-- that counts (not a test, not cancelled whole) of a known person; its path are that person's touches in the
-- lookback before it, a visit being one touch. Left out: what no person did (mails sent, opens by machines), tickets,
-- answers, checkouts. Without a touch the order is its own, as channel direct.
-- first, last, last_non_direct: all to one · linear: alike · position: 40/20/40 · time_decay: half for each half-life.
-- Shares are cut by running sums, so that credits sum to 1 and values to the order's net revenue, to the last digit.
-- reads:  gold.touchpoint, gold.orders, mart.basis
-- writes: mart.attribution_credit
-- one row per: conversion x touch x model, without those credited nothing
with conversion as (
    select
        point.touchpoint_id as conversion_id, point.profile_id, point.occurred_at as converted_at,
        coalesce(orders.net_revenue_reporting, orders.net_revenue, 0) as net_revenue,
        coalesce(
            if(net_revenue_reporting is null and net_revenue is not null, orders.currency,
                coalesce(orders.reporting_currency, orders.currency)), ''
        ) as currency
    from gold.touchpoint as point
    join gold.orders as orders on orders.source = point.source and orders.order_id = point.source_pk
    where point.touch_type = 'order' and point.is_conversion and point.profile_id is not null
        and point.occurred_at is not null
),
touch as (
    select
        profile_id,
        min(touchpoint_id) as touchpoint_id,
        arg_min(coalesce(marketing_channel, channel, 'unknown'), (occurred_at, touchpoint_id)) as channel,
        arg_min(campaign, (occurred_at, touchpoint_id)) as campaign,
        min(occurred_at) as touched_at
    from gold.touchpoint
    where profile_id is not null and occurred_at is not null and not coalesce(is_machine, false)
        and touch_type not in (
            'order', 'ticket_opened', 'survey_answered', 'email_sent', 'email_delivered', 'email_bounced',
            'email_unsubscribed', 'email_marked_spam', 'checkout_abandoned'
        )
        and profile_id in (select profile_id from conversion)
    group by profile_id, coalesce(session_id, touchpoint_id)
),
path as (
    select
        conversion.*,
        coalesce(touch.touchpoint_id, conversion.conversion_id) as touchpoint_id,
        coalesce(touch.channel, 'direct') as channel,
        touch.campaign,
        coalesce(touch.touched_at, conversion.converted_at) as touched_at
    from conversion
    cross join mart.basis as basis
    left join touch
        on touch.profile_id = conversion.profile_id and touch.touched_at <= conversion.converted_at
        and touch.touched_at >= conversion.converted_at - to_days(basis.lookback_days)
),
placed as (
    select
        path.*,
        row_number() over in_order as position,
        count(*) over (partition by conversion_id) as touches,
        greatest(
            1, round(1e9 * pow(0.5, date_diff('second', touched_at, converted_at) / 3600 / basis.half_life_hours))
        )::bigint as decayed
    from path
    cross join mart.basis as basis
    window in_order as (partition by conversion_id order by touched_at, touchpoint_id)
),
told as (
    select
        *, coalesce(max(position) filter (channel <> 'direct') over (partition by conversion_id), touches) as named
    from placed
),
weighted as (
    select
        told.*, unnest([
            struct_pack(model := 'first', weight := (position = 1)::bigint),
            struct_pack(model := 'last', weight := (position = touches)::bigint),
            struct_pack(model := 'last_non_direct', weight := (position = named)::bigint),
            struct_pack(model := 'linear', weight := 1::bigint),
            struct_pack(
                model := 'position',
                weight := if(touches > 2 and position in (1, touches), 2 * (touches - 2), 1)::bigint
            ),
            struct_pack(model := 'time_decay', weight := decayed)
        ], recursive := true)
    from told
),
shared as (
    select
        *, weight::hugeint as part, (net_revenue * 10000)::hugeint as units,
        (sum(weight) over (partition by conversion_id, model order by position))::hugeint as reached,
        (sum(weight) over (partition by conversion_id, model))::hugeint as total
    from weighted
    where weight > 0
)
select
    conversion_id, touchpoint_id, model, profile_id, channel, campaign, touched_at, converted_at, position, touches,
    (1000000 * reached // total - 1000000 * (reached - part) // total)::decimal(9, 0) * 0.000001::decimal(7, 6)
        as credit,
    (units * reached // total - units * (reached - part) // total)::decimal(18, 0) * 0.0001::decimal(5, 4) as value,
    currency
from shared
