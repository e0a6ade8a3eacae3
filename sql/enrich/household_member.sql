-- Who belongs to a household, and who of it buys most.
-- reads:  household_of, gold.customer_360
-- writes: gold.household_member
-- one row per: profile in a household
-- parameters: $today (the run's day)
-- by hand: set variable today = date '2026-01-31'; and read getvariable('today') for $today
select
    household_of.profile_id,
    household_of.household_id,
    case
        when household_of.birth_date is null then 'unknown'
        when household_of.birth_date > $today::date - interval 18 year then 'minor'
        else 'adult'
    end as role,
    customer.orders > 0 and row_number() over (
        partition by household_of.household_id
        order by customer.orders desc, customer.revenue desc nulls last, customer.first_order_at, household_of.profile_id
    ) = 1 as is_primary_buyer
from household_of
join gold.customer_360 as customer using (profile_id)
