-- How many journeys there are, and what of them is in no path.
-- reads:  mart.journey, gold.session
-- writes: nothing
-- one row per: run
select
    count(*) filter (is_converted) as conversions,
    count(*) filter (is_converted and steps = 0) as without_steps,
    count(*) filter (not is_converted) as open_journeys,
    (select count(*) from gold.session) as visits,
    (select count(*) from gold.session where profile_id is null) as visits_of_nobody
from mart.journey;
