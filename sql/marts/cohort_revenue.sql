-- What the people who first ordered in a month have brought in each month since, and up to it. A total: staff count.
-- reads:  gold.orders, gold.customer_traits, mart.basis
-- writes: mart.cohort_revenue
-- one row per: month of the first order x months since x currency, where there was an order
with sale as (
    select
        date_trunc('month', traits.first_order_at)::date as cohort_month,
        date_diff('month', traits.first_order_at::date, orders.order_at::date) as month_number,
        coalesce(
            if(net_revenue_reporting is null and net_revenue is not null, orders.currency,
                coalesce(orders.reporting_currency, orders.currency)), ''
        ) as currency,
        coalesce(orders.net_revenue_reporting, orders.net_revenue, 0) as net_revenue
    from gold.orders as orders
    join gold.customer_traits as traits using (profile_id)
    cross join mart.basis as basis
    where not orders.is_test and orders.order_at <= basis.as_of
),
month as (
    select cohort_month, month_number, currency, sum(net_revenue) as net_revenue, count(*) as orders
    from sale
    group by cohort_month, month_number, currency
)
select
    *, sum(net_revenue) over (partition by cohort_month, currency order by month_number) as cumulative_revenue
from month
