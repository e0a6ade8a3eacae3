-- From which channel to which people go on, and how long it takes them.
-- reads:  mart.journey, mart.journey_step, gold.customer_360
-- writes: mart.channel_transition
-- one row per: channel x channel that follows
with step as (
    select journey_step.*
    from mart.journey_step as journey_step
    join gold.customer_360 as customer using (profile_id)
    where not customer.is_test and not customer.is_staff and not customer.is_reseller
),
moved as (
    select
        journey_id, channel as from_channel,
        coalesce(
            lead(channel) over (partition by journey_id order by step_number),
            if(conversion_id is null, 'none', 'conversion')
        ) as to_channel,
        hours_to_next
    from step
    union all
    select journey_id, 'start', channel, null from step where step_number = 1
)
select
    from_channel, to_channel, count(*) as transitions, count(distinct journey_id) as journeys,
    median(hours_to_next) as median_hours
from moved
group by from_channel, to_channel
