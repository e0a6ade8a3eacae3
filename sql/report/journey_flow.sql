-- How people came to their conversions: the last three channels of each path and which followed which. The seven
-- channels of most conversions by name, the others together.
-- reads:  mart.journey_path
-- writes: nothing
-- one row per: place in the path (3 is the last channel) x channel x the one that follows, or the conversion
with walked as (
    select string_split(path, ' > ')[-3:] as channels, conversions from mart.journey_path where conversions > 0
),
common as (
    select channel
    from (select unnest(channels) as channel, conversions from walked)
    group by channel
    order by sum(conversions) desc, channel
    limit 7
),
named as (
    select
        list_transform(
            channels, lambda name: if(list_contains(known.names, name), name, 'other ways')
        ) as channels,
        conversions
    from walked
    cross join (select list(channel) as names from common) as known
),
step as (
    select channels, conversions, unnest(range(1, len(channels) + 1)) as number from named
)
select
    (3 - len(channels) + number)::integer as place,
    channels[number] as from_channel,
    coalesce(channels[number + 1], 'conversion') as to_channel,
    sum(conversions)::bigint as journeys
from step
group by all
order by place, journeys desc, from_channel, to_channel;
