-- reads gold.orders, gold.touchpoint, gold.customer_360, gold.customer_traits, gold.segment_membership,
--       mart.attribution_credit, mart.attribution_channel, mart.cohort_retention, mart.repeat_rate,
--       mart.conversion_by_channel, mart.kpi, mart.kpi_daily
-- writes nothing
-- one row: counts and differences that must be 0; rates are rates, credits add up, no money is lost on the way to marts
-- Conversions are told apart by the 64-bit hash of their ids, which needs no text to be kept: a fault could hide behind
-- an equal hash once in ten million runs.
with credited as materialized (
    select hash(model, conversion_id) as place, sum(credit) as credit, sum(value) as value
    from mart.attribution_credit
    group by place
),
conversion as (
    select
        point.touchpoint_id as conversion_id, coalesce(orders.net_revenue_reporting, orders.net_revenue, 0) as value
    from gold.touchpoint as point
    join gold.orders as orders on orders.source = point.source and orders.order_id = point.source_pk
    where point.touch_type = 'order' and point.is_conversion and point.profile_id is not null
        and point.occurred_at is not null
),
wrong_credit as (
    select conversion_id as key
    from mart.attribution_credit
    semi join (select place from credited where credit <> 1) as uneven on uneven.place = hash(model, conversion_id)
    union
    select conversion.conversion_id
    from conversion
    left join credited on credited.place = hash('linear', conversion.conversion_id)
    where credited.value is distinct from conversion.value
),
channel_total as (
    select model, currency, sum(conversions) as conversions, sum(value) as value
    from mart.attribution_channel
    group by model, currency
),
conversion_total as (
    -- the credits of a conversion add up to 1
    select currency, sum(credit) as conversions, sum(value) as value
    from mart.attribution_credit
    where model = 'linear'
    group by currency
),
wrong_model as (
    select channel_total.model as key
    from channel_total
    full join conversion_total using (currency)
    where channel_total.conversions is distinct from conversion_total.conversions
        or channel_total.value is distinct from conversion_total.value
),
rate(key, value) as (
    select 'mart.kpi ' || kpi, value::double from mart.kpi where unit = 'ratio' and kpi <> 'click_to_open_rate'
    union all
    select 'mart.kpi nps', (value::double + 100) / 200 from mart.kpi where kpi = 'nps'
    union all
    select 'mart.kpi_daily ' || kpi, value::double from mart.kpi_daily where kpi in ('conversion_rate', 'csat')
    union all
    select 'mart.cohort_retention ' || cohort_month, retention from mart.cohort_retention
    union all
    select 'mart.repeat_rate ' || cohort_month, repeat_rate from mart.repeat_rate
    union all
    select 'mart.conversion_by_channel ' || channel, conversion_rate from mart.conversion_by_channel
    union all
    select 'mart.conversion_by_channel ' || channel, people_conversion_rate from mart.conversion_by_channel
),
wrong_rate as (
    select key from rate where value < 0 or value > 1
),
stranger as (
    select coalesce(traits.profile_id, golden.profile_id) as key
    from gold.customer_traits as traits
    full join gold.customer_360 as golden using (profile_id)
    where traits.profile_id is null or golden.profile_id is null
        or traits.orders_lifetime is distinct from golden.orders
),
sale as materialized (
    select
        orders.profile_id,
        coalesce(
            if(net_revenue_reporting is null and net_revenue is not null, orders.currency,
                coalesce(orders.reporting_currency, orders.currency)), ''
        ) as currency,
        coalesce(net_revenue_reporting, net_revenue, 0) as net_revenue, orders.order_at
    from gold.orders as orders
    where not orders.is_test
),
revenue as (
    select
        sale.currency, sum(sale.net_revenue) as whole,
        sum(sale.net_revenue) filter (traits.profile_id is not null and traits.clv_historic is not null) as of_people,
        sum(sale.net_revenue) filter (sale.order_at is not null) as of_days
    from sale
    left join gold.customer_traits as traits using (profile_id)
    group by sale.currency
),
told_people as (
    select coalesce(currency, '') as currency, sum(clv_historic) as total
    from gold.customer_traits
    where orders_lifetime > 0
    group by all
),
told_kpi as (
    select currency, numerator as total from mart.kpi where kpi = 'net_revenue'
),
told_days as (
    select currency, sum(numerator) as total from mart.kpi_daily where kpi = 'net_revenue' group by currency
),
difference as (
    select
        coalesce(sum(abs(coalesce(revenue.of_people, 0) - coalesce(told_people.total, 0))), 0) as people,
        coalesce(sum(abs(revenue.whole - coalesce(told_kpi.total, 0))), 0) as kpi,
        coalesce(sum(abs(coalesce(revenue.of_days, 0) - coalesce(told_days.total, 0))), 0) as days
    from revenue
    left join told_people using (currency)
    left join told_kpi using (currency)
    left join told_days using (currency)
),
stay as (
    select profile_id || ' ' || segment as key
    from gold.segment_membership
    group by profile_id, segment
    having count(*) filter (exited_at is null) > 1 or bool_or(exited_at < entered_at)
    union
    select profile_id || ' ' || segment
    from gold.segment_membership
    anti join gold.customer_360 using (profile_id)
)
select
    (select count(*) from wrong_credit) as conversions_with_wrong_credit,
    (select min(key, 3) from wrong_credit) as conversions_with_wrong_credit_examples,
    (select count(*) from wrong_model) as models_that_lose_conversions,
    (select min(key, 3) from wrong_model) as models_that_lose_conversions_examples,
    (select count(*) from wrong_rate) as rates_out_of_range,
    (select min(key, 3) from wrong_rate) as rates_out_of_range_examples,
    (select count(*) from stranger) as profiles_without_their_traits,
    (select min(key, 3) from stranger) as profiles_without_their_traits_examples,
    (select count(*) from stay) as stays_out_of_order,
    (select min(key, 3) from stay) as stays_out_of_order_examples,
    (select people::double from difference) as people_money_difference,
    (select kpi::double from difference) as kpi_money_difference,
    (select days::double from difference) as daily_money_difference;
