-- The visits: when, whose, from where. What brought a visit is what its first interaction says that says anything;
-- unknown where no interaction of the source says anything at all.
-- reads:  touch, visit, marketing_channel
-- writes: temp table visit_session
-- one row per: visit
create or replace temp table visit_session as
with telling as (
    select
        source,
        coalesce(bool_or(coalesce(utm_source, utm_medium, referrer, campaign) is not null or marketing_channel.channel <> 'direct'), false)
            as tells
    from touch
    join marketing_channel using (origin)
    group by source
),
placed as (
    select
        visit.visit_key, visit.visit_number, visit.owner_id, visit.is_first,
        touch.source, touch.source_pk, touch.occurred_at, touch.time_zone, touch.campaign, touch.page,
        touch.utm_source, touch.utm_medium, touch.referrer, touch.order_id, touch.is_conversion,
        marketing_channel.channel,
        (touch.occurred_at, touch.source_pk) as moment
    from visit
    join touch on touch.rowid = visit.touch_no
    join marketing_channel on marketing_channel.origin = touch.origin
),
summed as (
    select
        visit_key, visit_number,
        any_value(owner_id) as profile_id,
        any_value(source) as source,
        any_value(source_pk) filter (is_first) as source_pk,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        any_value(time_zone) filter (is_first) as time_zone,
        arg_min(channel, moment) filter (channel <> 'direct') as channel,
        arg_min(coalesce(utm_source, referrer, ''), moment) filter (channel <> 'direct') as traffic_source,
        arg_min(coalesce(utm_medium, ''), moment) filter (channel <> 'direct') as traffic_medium,
        arg_min(coalesce(campaign, ''), moment) filter (channel <> 'direct') as campaign,
        arg_min(page, moment) as landing_page,
        count(*) as touches,
        coalesce(bool_or(is_conversion), false) as is_converted
    from placed
    group by visit_key, visit_number
)
select
    's_' || left(sha256(concat_ws(chr(31), summed.source, summed.source_pk)), 20) as session_id,
    summed.* replace (
        coalesce(summed.channel, if(telling.tells, 'direct', 'unknown')) as channel,
        nullif(summed.traffic_source, '') as traffic_source,
        nullif(summed.traffic_medium, '') as traffic_medium,
        nullif(summed.campaign, '') as campaign
    )
from summed
join telling using (source)
