-- How many of a quarter's new customers ordered again 1, 3, 6 and 12 months later.
-- reads:  mart.cohort_retention
-- writes: nothing
-- one row per: quarter of the first order
with cohort as (
    select
        date_trunc('quarter', cohort_month)::date as quarter, month_number, sum(customers)::bigint as customers,
        sum(active)::bigint as active
    from mart.cohort_retention
    where is_complete or month_number = 0
    group by quarter, month_number
)
select
    year(quarter) || ' Q' || quarter(quarter) as quarter,
    any_value(customers) filter (month_number = 0) as customers,
    any_value(active / customers) filter (month_number = 1) as month_1,
    any_value(active / customers) filter (month_number = 3) as month_3,
    any_value(active / customers) filter (month_number = 6) as month_6,
    any_value(active / customers) filter (month_number = 12) as month_12
from cohort
group by cohort.quarter
order by cohort.quarter;
