-- Figures of enrich for the report and the gate; counts and shares, no values.
-- reads:  gold.orders, gold.order_items, gold.refunds, gold.tickets, gold.touchpoint, gold.session, gold.checkout,
--         gold.customer_360, gold.household, record_profile, std.order
-- writes: –
-- one row per: figure
select 'orders' as name, count(*)::double as value from gold.orders
union all
select 'orders_without_person', count(*)::double from gold.orders where profile_id is null
union all
select 'orders_without_rate', count(*)::double
from gold.orders
where reporting_currency is not null and reporting_rate is null
union all
select 'money_without_person:' || coalesce(currency, 'unknown'), sum(net_revenue)::double
from gold.orders
where profile_id is null and net_revenue is not null
group by currency
union all
select 'orders_of_merged_records', count(*)::double
from std.order as orders
join record_profile as person on person.source = orders.person_source and person.source_pk = orders.person_pk
where not person.is_live
union all
select 'test_orders', count(*)::double from gold.orders where is_test
union all
select 'refunds', count(*)::double from gold.refunds
union all
select 'order_items', count(*)::double from gold.order_items
union all
select 'tickets', count(*)::double from gold.tickets
union all
select 'tickets_without_person', count(*)::double from gold.tickets where profile_id is null
union all
select 'touchpoints', count(*)::double from gold.touchpoint
union all
select 'touchpoints_without_person', count(*)::double from gold.touchpoint where profile_id is null
union all
select 'touchpoints:' || touch_type, count(*)::double from gold.touchpoint group by touch_type
union all
select 'sessions', count(*)::double from gold.session
union all
select 'sessions_without_person', count(*)::double from gold.session where profile_id is null
union all
select 'sessions_converted', count(*)::double from gold.session where is_converted
union all
select 'abandoned_checkouts', count(*)::double from gold.checkout
union all
select 'recovered_checkouts', count(*)::double from gold.checkout where is_recovered
union all
select 'households', count(*)::double from gold.household
union all
select 'resellers', count(*)::double from gold.customer_360 where is_reseller
union all
select 'profiles_with_orders', count(*)::double from gold.customer_360 where orders > 0
union all
select 'profiles_mixed_currency', count(*)::double from gold.customer_360 where revenue is null
order by name
