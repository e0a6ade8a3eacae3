-- The paths that people take, and how many of them end in a conversion.
-- reads:  mart.journey, gold.customer_360
-- writes: mart.journey_path
-- one row per: path
with walked as (
    select
        if(
            len(string_split(journey.path, ' > ')) > 8,
            '… > ' || array_to_string(string_split(journey.path, ' > ')[-8:], ' > '), journey.path
        ) as path,
        journey.is_converted, journey.value_reporting, journey.hours_to_convert
    from mart.journey as journey
    join gold.customer_360 as customer using (profile_id)
    where journey.path is not null and not customer.is_test and not customer.is_staff and not customer.is_reseller
)
select
    path,
    count(*) as journeys,
    count(*) filter (is_converted) as conversions,
    count(*) filter (is_converted) / count(*) as conversion_rate,
    coalesce(sum(value_reporting), 0) as value_reporting,
    median(hours_to_convert) as median_hours
from walked
group by path
