-- The paths that most conversions come by.
-- reads:  mart.journey_path
-- writes: nothing
-- one row per: path, the fifteen of most conversions
select path, journeys, conversions, conversion_rate, round(value_reporting, 2) as value, round(median_hours, 1) as median_hours
from mart.journey_path
where conversions > 0
order by conversions desc, journeys desc, path
limit 15;
