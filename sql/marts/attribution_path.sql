-- The paths of channels that people went, with what came of them. A journey that led to no conversion is a person's
-- touches in no conversion's lookback, cut where the next touch comes later than the lookback.
-- reads:  conversion_path, contact, mart.basis
-- writes: mart.attribution_path
-- one row per: path of channels x currency
with converting as (
    select
        any_value(currency) as currency, any_value(units)::decimal(18, 0) * 0.0001::decimal(5, 4) as value,
        list(channel order by position) as channels
    from conversion_path
    group by conversion_number
),
spare as (
    select * from contact anti join conversion_path using (touchpoint_id)
),
cut as (
    select
        spare.*,
        row_number() over by_time as place,
        coalesce(touched_at > lag(touched_at) over by_time + to_days(basis.lookback_days), true)::integer as is_start
    from spare
    cross join mart.basis as basis
    window by_time as (partition by profile_id order by touched_at, touchpoint_id)
),
journey as (
    select profile_id, channel, place, sum(is_start) over (partition by profile_id order by place) as journey_number
    from cut
),
losing as (
    select list(channel order by place) as channels
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
