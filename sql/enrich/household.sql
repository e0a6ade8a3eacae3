-- Households with what their members spent.
-- reads:  household_of, gold.customer_360
-- writes: gold.household
-- one row per: household
select
    household_of.household_id,
    if(bool_or(household_of.is_flats), 'same_surname_and_unit', 'same_surname_and_address') as rule,
    any_value(household_of.address_key) as address_key,
    any_value(household_of.surname_key) as surname_key,
    arg_min(household_of.city, household_of.profile_id) as city,
    arg_min(household_of.country_iso2, household_of.profile_id) as country_iso2,
    count(*) as members,
    sum(customer.orders) as orders,
    if(
        count(distinct customer.revenue_currency) <= 1 and count(customer.revenue) = count(*), sum(customer.revenue), null
    ) as revenue,
    if(
        count(distinct customer.revenue_currency) <= 1 and count(customer.revenue) = count(*),
        min(customer.revenue_currency), null
    ) as revenue_currency
from household_of
join gold.customer_360 as customer using (profile_id)
group by household_of.household_id
