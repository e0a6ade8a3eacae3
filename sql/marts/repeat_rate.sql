-- Of the people who first ordered in a month: how many ordered again within so many days of that first order. Test,
-- staff and reseller profiles are left out. (This is no "returning customer rate", which divides by all who bought in a period.)
-- reads:  gold.orders, gold.customer_traits, mart.basis
-- writes: mart.repeat_rate
-- one row per: month of the first order x days
with first_two as (
    select orders.profile_id, min(orders.order_at, 2) as order_at
    from gold.orders as orders
    join gold.customer_traits as traits using (profile_id)
    cross join mart.basis as basis
    where not orders.is_test and traits.in_averages and orders.order_at <= basis.as_of
    group by orders.profile_id
),
buyer as (
    select
        date_trunc('month', first_two.order_at[1])::date as cohort_month, first_two.order_at[1] as first_at,
        first_two.order_at[2] as second_at, unnest([30, 60, 84, 90, 180, 365]) as days, basis.as_of
    from first_two
    cross join mart.basis as basis
)
select
    cohort_month, days,
    count(*) as customers,
    count(*) filter (second_at <= first_at + to_days(days)) as repeaters,
    count(*) filter (second_at <= first_at + to_days(days)) / count(*) as repeat_rate,
    cohort_month + interval 1 month + to_days(days) <= any_value(as_of) as is_complete
from buyer
group by cohort_month, days
