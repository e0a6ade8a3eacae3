-- Orders and money by source and currency, and what of it names nobody. Money is net: after discounts, returns and
-- cancellations; test orders are left out of it.
-- reads:  gold.orders
-- writes: nothing
-- one row per: source x currency
select
    source,
    coalesce(currency, '') as currency,
    count(*) as orders,
    count(*) filter (profile_id is null) as without_person,
    count(*) filter (profile_id is null) / count(*) as share_without_person,
    count(*) filter (is_test) as test_orders,
    coalesce(sum(net_revenue) filter (not is_test), 0) as net_revenue,
    coalesce(sum(net_revenue) filter (not is_test and profile_id is null), 0) as net_without_person,
    any_value(reporting_currency) as reporting_currency,
    sum(net_revenue_reporting) filter (not is_test) as net_reporting,
    count(*) filter (reporting_currency is not null and reporting_rate is null) as without_rate
from gold.orders
group by source, coalesce(currency, '')
order by source, currency;
