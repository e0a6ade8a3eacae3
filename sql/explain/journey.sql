-- What a profile did, in order; interactions without a time come first. Words of a source (title) are left out unless
-- asked for.
-- reads:  gold.touchpoint
-- one row per: interaction, the latest $rows of them
-- parameters: $profile_id, $rows, $unmasked
with latest as (
    select *
    from gold.touchpoint
    where profile_id = $profile_id
    order by occurred_at desc nulls last, touchpoint_id desc
    limit $rows
)
select
    strftime(occurred_at, '%Y-%m-%d %H:%M') as time_utc,
    time_zone,
    marketing_channel as channel,
    touch_type as what,
    campaign,
    if($unmasked, title, null) as title,
    case when value is not null then format('{:,.2f}', value) || coalesce(' ' || currency, '') end as value,
    if(is_conversion, 'yes', null) as conversion,
    session_id as visit,
    source
from latest
order by occurred_at nulls first, is_conversion, touchpoint_id
