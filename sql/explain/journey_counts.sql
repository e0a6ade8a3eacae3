-- How much there is of the journey of a profile.
-- reads:  gold.touchpoint, gold.customer_360
-- one row per: the profile
-- parameters: $profile_id
select
    count(*) as interactions,
    count(distinct session_id) as visits,
    count(*) filter (is_conversion) as conversions,
    (select any_value(household_id) from gold.customer_360 where profile_id = $profile_id) as household_id
from gold.touchpoint
where profile_id = $profile_id
