-- The paths of channels that people went, with what came of them. A journey that led to no conversion is a person's
-- touches in no conversion's lookback, cut where the next touch comes later than the lookback.
-- reads:  mart.attribution_credit, gold.touchpoint, mart.basis
-- writes: mart.attribution_path
-- one row per: path of channels x currency
with converting as (
    select
        any_value(currency) as currency, sum(value) as value,
        list(channel order by position) as channels
    from mart.attribution_credit
    where model = 'linear'
    group by conversion_id
),
touch as (
    select
        profile_id, touchpoint_id, coalesce(marketing_channel, channel, 'unknown') as channel, session_id,
        occurred_at as touched_at
    from gold.touchpoint
    where profile_id is not null and occurred_at is not null and is_machine is not true
        and touch_type not in (
            'order', 'ticket_opened', 'survey_answered', 'email_sent', 'email_delivered', 'email_bounced',
            'email_unsubscribed', 'email_marked_spam', 'checkout_abandoned'
        )
),
contact as (
    select profile_id, touchpoint_id, channel, touched_at from touch where session_id is null
    union all
    select profile_id, min(touchpoint_id), arg_min(channel, (touched_at, touchpoint_id)), min(touched_at)
    from touch
    where session_id is not null
    group by profile_id, session_id
),
credited as (
    select touchpoint_id from mart.attribution_credit where model = 'linear'
),
spare as (
    select * from contact anti join credited using (touchpoint_id)
),
cut as (
    select
        spare.*,
        coalesce(
            touched_at > lag(touched_at) over (partition by profile_id order by touched_at, touchpoint_id)
                + to_days(basis.lookback_days),
            true
        )::integer as is_start
    from spare
    cross join mart.basis as basis
),
journey as (
    select
        profile_id, channel, touched_at, touchpoint_id,
        sum(is_start) over (partition by profile_id order by touched_at, touchpoint_id) as journey_number
    from cut
),
losing as (
    select list(channel order by touched_at, touchpoint_id) as channels
    from journey
    group by profile_id, journey_number
),
ended as (
    select channels, currency, count(*) as conversions, sum(value) as value, 0 as losses
    from converting
    group by channels, currency
    union all
    select channels, '', 0, 0, count(*) from losing group by channels
),
written as (
    select
        array_to_string(
            list_filter(channels, lambda channel, place: place = 1 or channel <> channels[place - 1]), ' > '
        ) as path,
        currency, conversions, value, losses
    from ended
)
select path, currency, sum(conversions) as conversions, sum(value) as value, sum(losses) as losses
from written
group by path, currency
