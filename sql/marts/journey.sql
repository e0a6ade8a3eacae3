-- What led to each conversion, and what has led to none yet: first and last touch, path and time.
-- Direct is the channel of who comes without being brought: the last touch before it says more.
-- reads:  journey_unit, gold.touchpoint, gold.orders
-- writes: mart.journey
-- one row per: journey
with step as (
    select *, row_number() over journey as place, lag(channel) over journey is distinct from channel as is_turn
    from journey_unit
    where unit is not null
    window journey as (partition by profile_id, number order by started_at, touchpoint_id)
),
told as (
    select
        profile_id, number,
        any_value(conversion_id) as conversion_id,
        any_value(converted_at) as converted_at,
        count(*) as steps,
        sum(touches) as touches,
        min(started_at) as started_at,
        arg_min(channel, place) as first_touch_channel,
        arg_min(coalesce(campaign, ''), place) as first_touch_campaign,
        arg_max(channel, place) as last_touch_channel,
        arg_max(coalesce(campaign, ''), place) as last_touch_campaign,
        arg_max(channel, place) filter (channel <> 'direct') as last_non_direct_channel,
        string_agg(channel, ' > ' order by place) filter (is_turn) as path
    from step
    group by profile_id, number
    union all by name
    select profile_id, number, conversion_id, converted_at, 0 as steps, 0 as touches
    from journey_unit
    where unit is null
),
conversion as (
    select touchpoint_id, touch_type, source, source_pk, value, currency from gold.touchpoint where is_conversion
)
select
    coalesce(told.conversion_id, 'open_' || told.profile_id) as journey_id,
    told.profile_id,
    told.number as journey_number,
    told.conversion_id is not null as is_converted,
    told.conversion_id,
    conversion.touch_type as conversion_type,
    told.converted_at,
    conversion.value,
    conversion.currency,
    orders.net_revenue_reporting as value_reporting,
    told.steps,
    told.touches,
    told.started_at,
    told.first_touch_channel,
    nullif(told.first_touch_campaign, '') as first_touch_campaign,
    told.last_touch_channel,
    nullif(told.last_touch_campaign, '') as last_touch_campaign,
    told.last_non_direct_channel,
    told.path,
    date_diff('second', told.started_at, told.converted_at) / 3600 as hours_to_convert
from told
left join conversion on conversion.touchpoint_id = told.conversion_id
left join gold.orders as orders
    on conversion.touch_type = 'order' and orders.source = conversion.source and orders.order_id = conversion.source_pk
