-- What led a profile to each conversion, and since the last one to none yet.
-- reads:  mart.journey
-- one row per: journey
-- parameters: $profile_id
select
    journey_number as number,
    path,
    strftime(started_at, '%Y-%m-%d %H:%M') as from_utc,
    coalesce(strftime(converted_at, '%Y-%m-%d %H:%M') || ' ' || conversion_type, 'no conversion yet') as "to",
    case when value is not null then format('{:,.2f}', value) || coalesce(' ' || currency, '') end as value,
    steps,
    touches,
    round(hours_to_convert, 1) as hours,
    last_non_direct_channel as last_non_direct
from mart.journey
where profile_id = $profile_id
order by journey_number
