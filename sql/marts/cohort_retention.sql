-- Of the people who first ordered in a month: how many ordered in each month since. Months without an order stand
-- with 0, up to the month of the run. Test, staff and reseller profiles are left out.
-- reads:  gold.orders, gold.customer_traits, mart.basis
-- writes: mart.cohort_retention
-- one row per: month of the first order x months since
with sale as (
    select
        orders.profile_id,
        date_trunc('month', traits.first_order_at)::date as cohort_month,
        date_diff('month', traits.first_order_at::date, orders.order_at::date) as month_number
    from gold.orders as orders
    join gold.customer_traits as traits using (profile_id)
    cross join mart.basis as basis
    where not orders.is_test and traits.in_averages and orders.order_at <= basis.as_of
),
cohort as (
    select cohort_month, count(distinct profile_id) as customers from sale group by cohort_month
),
month as (
    select
        cohort.*,
        unnest(range(date_diff('month', cohort.cohort_month, basis.as_of::date) + 1))::integer as month_number,
        basis.as_of
    from cohort
    cross join mart.basis as basis
),
activity as (
    select cohort_month, month_number, count(distinct profile_id) as active, count(*) as orders
    from sale
    group by cohort_month, month_number
)
select
    month.cohort_month, month.month_number, month.customers,
    coalesce(activity.active, 0) as active,
    coalesce(activity.active, 0) / month.customers as retention,
    coalesce(activity.orders, 0) as orders,
    month.cohort_month + to_months(month.month_number + 1) <= month.as_of as is_complete
from month
left join activity using (cohort_month, month_number)
