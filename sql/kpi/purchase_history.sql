-- What BG/NBD and Gamma–Gamma know of a buyer: orders of one day (UTC) are one purchase, cancelled orders none.
-- reads:  gold.orders, gold.profile_core, reseller, mart.basis
-- writes: –
-- one row per: profile with a dated order up to the run
with purchase_day as (
    select
        orders.profile_id, orders.order_at::date as day,
        sum(coalesce(orders.net_revenue_reporting, orders.net_revenue, 0)) as spent,
        min(coalesce(if(orders.net_revenue_reporting is null, orders.currency, orders.reporting_currency), '')) as low,
        max(coalesce(if(orders.net_revenue_reporting is null, orders.currency, orders.reporting_currency), '')) as high
    from gold.orders as orders
    cross join mart.basis as basis
    where orders.profile_id is not null and not orders.is_test and orders.order_at <= basis.as_of
        and coalesce(orders.canceled_revenue, 0)
            < greatest(coalesce(orders.gross, 0) - coalesce(orders.discount, 0), 0.01)
    group by orders.profile_id, day
),
history as (
    select
        profile_id,
        count(*) - 1 as repeats,
        min(day) as first_day,
        max(day) as last_day,
        sum(spent) - arg_min(spent, day) as repeat_spent,
        if(min(low) = max(high), min(low), null) as currency
    from purchase_day
    group by profile_id
)
select
    history.profile_id,
    history.repeats::double as x,
    (history.last_day - history.first_day)::double / 7 as t_x,
    (basis.as_of::date - history.first_day)::double / 7 as t,
    if(history.currency is null, null, history.repeat_spent::double / nullif(history.repeats, 0)) as mean_spend,
    history.currency,
    not core.is_test and not core.is_staff and reseller.profile_id is null as in_averages
from history
join gold.profile_core as core using (profile_id)
left join reseller using (profile_id)
cross join mart.basis as basis
order by history.profile_id
