-- What happened on each day (UTC). Totals take every order that is no test and every interaction; aov and
-- conversion_rate, being averages, leave out test, staff and reseller profiles. Days, channels and currencies without an event
-- have no row. buyers are people of that day and channel: adding them up over days counts a person again.
-- reads:  gold.orders, gold.customer_traits, gold.touchpoint, gold.session, gold.tickets, gold.survey_response
-- writes: mart.kpi_daily
-- one row per: day x KPI x channel x currency
with sale as (
    select
        orders.order_at::date as day, coalesce(orders.channel, 'unknown') as channel,
        coalesce(
            if(net_revenue_reporting is null and net_revenue is not null, orders.currency,
                coalesce(orders.reporting_currency, orders.currency)), ''
        ) as currency,
        coalesce(if(net_revenue_reporting is null, gross, gross_reporting), 0) as gross,
        coalesce(if(net_revenue_reporting is null, discount, discount_reporting), 0) as discount,
        coalesce(net_revenue_reporting, net_revenue, 0) as net_revenue,
        orders.profile_id,
        traits.first_order_at = orders.order_at as is_first,
        coalesce(traits.in_averages, true) as in_averages
    from gold.orders as orders
    left join gold.customer_traits as traits using (profile_id)
    where not orders.is_test and orders.order_at is not null
),
sale_day as (
    select
        day, channel, currency,
        count(*) as orders,
        sum(gross) as gross, sum(discount) as discount, sum(net_revenue) as net_revenue,
        sum(gross - discount - net_revenue) as returned_or_cancelled,
        coalesce(sum(gross - discount) filter (in_averages), 0) as counted_goods,
        count(*) filter (in_averages) as counted_orders
    from sale
    group by day, channel, currency
),
buyer_day as (
    select
        day, channel, count(distinct profile_id) as buyers, count(distinct profile_id) filter (is_first) as new_buyers
    from sale
    group by day, channel
),
money as (
    select
        day, channel, currency, unnest([
            struct_pack(kpi := 'gross', numerator := gross::decimal(18, 4), denominator := null::decimal(18, 4)),
            struct_pack(kpi := 'discount', numerator := discount::decimal(18, 4), denominator := null),
            struct_pack(
                kpi := 'returned_or_cancelled', numerator := returned_or_cancelled::decimal(18, 4), denominator := null
            ),
            struct_pack(kpi := 'net_revenue', numerator := net_revenue::decimal(18, 4), denominator := null),
            struct_pack(
                kpi := 'aov', numerator := counted_goods::decimal(18, 4),
                denominator := nullif(counted_orders, 0)::decimal(18, 4)
            )
        ], recursive := true)
    from sale_day
),
mail as (
    select
        occurred_at::date as day, coalesce(channel, 'unknown') as channel,
        case touch_type
            when 'email_sent' then 'emails_sent'
            when 'email_bounced' then 'emails_bounced'
            when 'email_opened' then 'email_opens'
            when 'email_clicked' then 'email_clicks' else 'abandoned_checkouts'
        end as kpi,
        count(*) as n
    from gold.touchpoint
    where occurred_at is not null
        and touch_type in ('email_sent', 'email_bounced', 'email_opened', 'email_clicked', 'checkout_abandoned')
    group by day, channel, kpi
),
visit as (
    select
        session.started_at::date as day, coalesce(session.channel, 'unknown') as channel,
        count(*) as sessions,
        count(*) filter (coalesce(traits.in_averages, true)) as counted,
        count(*) filter (session.is_converted and coalesce(traits.in_averages, true)) as converted
    from gold.session as session
    left join gold.customer_traits as traits using (profile_id)
    where session.started_at is not null
    group by day, session.channel
),
rating as (
    select created_at::date as day, coalesce(channel, 'unknown') as channel, satisfaction = 'good' as is_good
    from gold.tickets
    where created_at is not null and satisfaction in ('good', 'bad') and not is_test
    union all
    select answered_at::date, 'survey', score >= 4
    from gold.survey_response
    where answered_at is not null and kind = 'csat' and score is not null
),
promotion as (
    select answered_at::date as day, case when score >= 9 then 100 when score >= 7 then 0 else -100 end as points
    from gold.survey_response
    where answered_at is not null and kind = 'nps' and score between 0 and 10
),
counted as (
    select day, 'orders' as kpi, channel, '' as currency, sum(orders) as numerator, null as denominator
    from sale_day
    group by day, channel
    union all
    select day, 'buyers', channel, '', buyers, null from buyer_day
    union all
    select day, 'new_buyers', channel, '', new_buyers, null from buyer_day
    union all
    select day, kpi, channel, currency, numerator, denominator
    from money
    where kpi <> 'aov' or denominator is not null
    union all
    select day, kpi, channel, '', n, null from mail
    union all
    select day, 'sessions', channel, '', sessions, null from visit
    union all
    select day, 'conversion_rate', channel, '', converted, counted from visit where counted > 0
    union all
    select created_at::date, 'tickets', coalesce(channel, 'unknown'), '', count(*), null
    from gold.tickets
    where created_at is not null and not is_test
    group by all
    union all
    select day, 'csat', channel, '', count(*) filter (is_good), count(*) from rating group by day, channel
    union all
    select day, 'nps', 'survey', '', sum(points), count(*) from promotion group by day
)
select *, if(denominator is null, numerator::double, numerator::double / denominator::double) as value
from counted
