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
touch as (
    select
        profile_id, touchpoint_id, coalesce(marketing_channel, channel, 'unknown') as channel, campaign, session_id,
        occurred_at as touched_at
    from gold.touchpoint
    where profile_id is not null and occurred_at is not null and is_machine is not true
        and touch_type not in (
            'order', 'ticket_opened', 'survey_answered', 'email_sent', 'email_delivered', 'email_bounced',
            'email_unsubscribed', 'email_marked_spam', 'checkout_abandoned'
        )
        and profile_id in (select profile_id from conversion)
),
contact as (
    select profile_id, touchpoint_id, channel, campaign, touched_at from touch where session_id is null
    union all
    select
        profile_id, min(touchpoint_id), arg_min(channel, (touched_at, touchpoint_id)),
        arg_min(campaign, (touched_at, touchpoint_id)), min(touched_at)
    from touch
    where session_id is not null
    group by profile_id, session_id
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
),
placed as (
    select
        *,
        row_number() over up_to_here as position,
        count(*) over whole as touches,
        count(*) filter (channel <> 'direct') over whole as named,
        count(*) filter (channel <> 'direct') over later as named_later,
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
        ),
        later as (
            partition by conversion_number order by touched_at, touchpoint_id
            rows between 1 following and unbounded following
        )
),
weighted as (
    -- of `total` parts `part` are this touch's, and `so_far` those of the path up to it
    select
        *, unnest([
            struct_pack(model := 'first', part := (position = 1)::bigint, so_far := 1::bigint, total := 1::bigint),
            struct_pack(model := 'last', part := (position = touches)::bigint, so_far := 1, total := 1),
            struct_pack(
                model := 'last_non_direct',
                part := if(named = 0, position = touches, channel <> 'direct' and named_later = 0)::bigint,
                so_far := 1, total := 1
            ),
            struct_pack(model := 'linear', part := 1, so_far := position, total := touches),
            struct_pack(
                model := 'position',
                part := if(touches > 2 and position in (1, touches), 2 * (touches - 2), 1),
                so_far := case
                    when touches <= 2 then position
                    when position = touches then 5 * (touches - 2)
                    else 2 * (touches - 2) + position - 1
                end,
                total := if(touches > 2, 5 * (touches - 2), touches)
            ),
            struct_pack(model := 'time_decay', part := decayed, so_far := decayed_so_far, total := decayed_in_all)
        ], recursive := true)
    from placed
)
select
    conversion_id, touchpoint_id, model, profile_id, channel, campaign, touched_at, converted_at, position, touches,
    (1000000::hugeint * so_far // total - 1000000::hugeint * (so_far - part) // total)::decimal(9, 0)
        * 0.000001::decimal(7, 6) as credit,
    (units * so_far // total - units * (so_far - part) // total)::decimal(18, 0) * 0.0001::decimal(5, 4) as value,
    currency
from weighted
where part > 0
