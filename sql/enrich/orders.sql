-- All orders, each with the profile of the record it names. An order of a test record is a test order.
-- Money in the reporting currency stands beside the source's, never in its place: at the last rate known on the
-- order's day (UTC), rounded half up to a hundredth of a cent; null where no rate is known or the sum would not fit.
-- Without a configured currency it is the source's own where all orders have the same.
-- reads:  std.order, std.order_item, std.source_record, record_profile, currency_rate
-- writes: gold.orders
-- one row per: order
-- parameters: $currency (the configured reporting currency, null without one)
-- by hand: set variable currency = 'EUR'; and read getvariable('currency') for $currency
with line_count as (
    select source, order_id, count(*) as n_items from std.order_item group by source, order_id
),
common as (
    select
        coalesce(min(coalesce(currency, '')) = max(coalesce(currency, '')), true) as is_one,
        min(currency) as currency
    from std.order
),
rate_of_day as (
    select day.currency, day.date, rate.rate
    from (select distinct currency, order_at::date as date from std.order) as day
    asof join currency_rate as rate on rate.currency = day.currency and day.date >= rate.date
),
rated as (
    select
        orders.*,
        coalesce($currency, if(common.is_one, common.currency, null)) as reporting_currency,
        case
            when $currency is null then if(common.is_one, 1, null)
            when orders.currency = $currency then 1
            else rate.rate
        end::decimal(18, 8) as reporting_rate
    from std.order as orders
    cross join common
    left join rate_of_day as rate on rate.currency = orders.currency and rate.date = orders.order_at::date
)
select
    orders.* exclude (person_source, person_pk, is_test),
    record_profile.profile_id,
    if(
        orders.reporting_rate = 1, orders.gross,
        try_cast(orders.gross::decimal(20, 4) * orders.reporting_rate as decimal(18, 4))
    ) as gross_reporting,
    if(
        orders.reporting_rate = 1, orders.discount,
        try_cast(orders.discount::decimal(20, 4) * orders.reporting_rate as decimal(18, 4))
    ) as discount_reporting,
    if(
        orders.reporting_rate = 1, orders.net_revenue,
        try_cast(orders.net_revenue::decimal(20, 4) * orders.reporting_rate as decimal(18, 4))
    ) as net_revenue_reporting,
    coalesce(line_count.n_items, 0) as n_items,
    coalesce(orders.is_test, false) or coalesce(person.is_test, false) as is_test
from rated as orders
left join record_profile
    on record_profile.source = orders.person_source and record_profile.source_pk = orders.person_pk
left join std.source_record as person
    on person.source = orders.person_source and person.source_pk = orders.person_pk
left join line_count on line_count.source = orders.source and line_count.order_id = orders.order_id
