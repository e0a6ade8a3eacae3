-- KPIs of a profile in full; the everyday ones stand on gold.customer_360 too.
-- reads:  trait, gold.customer_360
-- writes: gold.customer_traits
-- one row per: active profile
select trait.*, golden.preferred_channel
from trait
join gold.customer_360 as golden using (profile_id)
