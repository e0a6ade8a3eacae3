-- The KPIs of today, each with its numerator, denominator and definition. Averages (is_average) leave out test,
-- staff and reseller profiles, totals do not; test orders count nowhere. Money stands in the reporting currency where there is
-- one and rates are known, else one row for each currency.
-- reads:  gold.customer_traits, gold.orders, gold.session, gold.email_engagement, gold.tickets, gold.survey_response,
--         mart.basis
-- writes: mart.kpi
-- one row per: KPI x currency
with sale as (
    select
        orders.profile_id, orders.order_at,
        coalesce(
            if(net_revenue_reporting is null and net_revenue is not null, orders.currency,
                coalesce(orders.reporting_currency, orders.currency)), ''
        ) as currency,
        coalesce(net_revenue_reporting, net_revenue, 0) as net,
        coalesce(if(net_revenue_reporting is null, gross, gross_reporting), 0)
            - coalesce(if(net_revenue_reporting is null, discount, discount_reporting), 0) as goods,
        coalesce(traits.in_averages, true) as in_averages,
        order_at > basis.as_of - interval 12 month and order_at <= basis.as_of as is_l12m,
        order_at > basis.as_of - interval 24 month and order_at <= basis.as_of - interval 12 month as is_year_before
    from gold.orders as orders
    cross join mart.basis as basis
    left join gold.customer_traits as traits using (profile_id)
    where not orders.is_test
),
money as (
    select
        currency,
        sum(net) as net_lifetime,
        coalesce(sum(net) filter (is_l12m), 0) as net_l12m,
        coalesce(sum(goods) filter (is_l12m and in_averages), 0) as goods_l12m,
        count(*) filter (is_l12m and in_averages) as orders_l12m,
        count(*) filter (profile_id is null) as orders_of_nobody,
        coalesce(sum(net) filter (profile_id is null), 0) as net_of_nobody
    from sale
    group by currency
),
buyer as (
    select
        profile_id, count(*) filter (is_l12m) as orders_l12m, coalesce(bool_or(is_year_before), false) as bought_before
    from sale
    where profile_id is not null and in_averages
    group by profile_id
),
buying as (
    select
        count(*) filter (orders_l12m > 0) as buyers_l12m,
        count(*) filter (orders_l12m > 1) as repeaters_l12m,
        coalesce(sum(orders_l12m), 0) as orders_l12m,
        count(*) filter (bought_before) as buyers_before,
        count(*) filter (bought_before and orders_l12m > 0) as kept
    from buyer
),
people as (
    select
        count(*) as people,
        count(*) filter (orders_lifetime > 0) as buyers,
        count(*) filter (one_and_done) as one_and_done,
        count(*) filter (lifecycle_status = 'new') as new,
        count(*) filter (lifecycle_status = 'active') as active,
        count(*) filter (lifecycle_status = 'lapsed') as lapsed,
        count(*) filter (lifecycle_status = 'dormant') as dormant,
        count(*) filter (lifecycle_status = 'prospect') as prospects,
        count(*) filter (tenure_days >= early_repeat_days) as observed,
        count(*) filter (tenure_days >= early_repeat_days and is_early_repeat) as early_repeaters,
        count(*) filter (nps is not null) as answered,
        coalesce(sum(case nps_class when 'promoter' then 100 when 'passive' then 0 else -100 end)
            filter (nps is not null), 0) as nps_points
    from gold.customer_traits
    cross join mart.basis
    where in_averages
),
worth as (
    select
        coalesce(currency, '') as currency,
        count(*) as buyers, sum(clv_historic) as clv_historic,
        count(predicted_clv_12m) as predicted, sum(predicted_clv_12m) as predicted_clv
    from gold.customer_traits
    where in_averages and orders_lifetime > 0 and clv_historic is not null
    group by currency
),
mail as (
    -- rates by profile are of whole campaigns: times what was delivered they are these again
    select
        sum(engagement.delivered) as delivered,
        sum(round(engagement.open_rate * engagement.delivered)) as opened,
        sum(round(engagement.human_open_rate * engagement.delivered)) as human_opened,
        sum(round(engagement.click_rate * engagement.delivered)) as clicked,
        sum(engagement.unique_opens) as opens,
        sum(engagement.unique_clicks) as clicks
    from gold.email_engagement as engagement
    join gold.customer_traits as traits using (profile_id)
    where traits.in_averages
),
visit as (
    select
        count(*) filter (started_at > as_of - interval 12 month and started_at <= as_of) as sessions,
        count(*) filter (is_converted and started_at > as_of - interval 12 month and started_at <= as_of) as converted
    from gold.session as session
    cross join mart.basis
    left join gold.customer_traits as traits using (profile_id)
    where coalesce(traits.in_averages, true)
),
rating as (
    select satisfaction = 'good' as is_good, created_at as rated_at, profile_id
    from gold.tickets
    where satisfaction in ('good', 'bad') and not is_test
    union all
    select score >= 4, answered_at, profile_id
    from gold.survey_response
    where kind = 'csat' and score is not null
),
satisfaction as (
    select count(*) as rated, count(*) filter (is_good) as good
    from rating
    cross join mart.basis
    left join gold.customer_traits as traits using (profile_id)
    where coalesce(traits.in_averages, true) and rated_at > as_of - interval 12 month and rated_at <= as_of
),
figure as (
    select 'net_revenue' as kpi, currency, net_lifetime::decimal(18, 4) as numerator, null::decimal(18, 4) as denominator from money
    union all
    select 'net_revenue_l12m', currency, net_l12m, null from money
    union all
    select 'net_revenue_without_person', currency, net_of_nobody, null from money
    union all
    select 'aov', currency, goods_l12m, orders_l12m from money
    union all
    select 'clv_historic', currency, clv_historic, buyers from worth
    union all
    select 'predicted_clv', currency, predicted_clv, predicted from worth
    union all
    select 'people', '', people, null from people
    union all
    select 'buyers', '', buyers, null from people
    union all
    select 'buyers_l12m', '', buyers_l12m, null from buying
    union all
    select 'people_new', '', new, null from people
    union all
    select 'people_active', '', active, null from people
    union all
    select 'people_lapsed', '', lapsed, null from people
    union all
    select 'people_dormant', '', dormant, null from people
    union all
    select 'people_prospect', '', prospects, null from people
    union all
    select 'purchase_frequency', '', orders_l12m, buyers_l12m from buying
    union all
    select 'repeat_purchase_rate', '', repeaters_l12m, buyers_l12m from buying
    union all
    select 'early_repeat_rate', '', early_repeaters, observed from people
    union all
    select 'retention_rate', '', kept, buyers_before from buying
    union all
    select 'churn_rate', '', buyers_before - kept, buyers_before from buying
    union all
    select 'one_and_done_share', '', one_and_done, buyers from people
    union all
    select 'conversion_rate', '', converted, sessions from visit
    union all
    select 'open_rate', '', opened, delivered from mail
    union all
    select 'human_open_rate', '', human_opened, delivered from mail
    union all
    select 'click_rate', '', clicked, delivered from mail
    union all
    select 'click_to_open_rate', '', clicks, opens from mail
    union all
    select 'csat', '', good, rated from satisfaction
    union all
    select 'nps', '', nps_points, answered from people
),
definition(kpi, unit, period, is_average, definition) as (
    values
        ('net_revenue', 'money', 'lifetime', false, 'sum of net revenue (gross - discount - returned - cancelled, without tax and shipping) of all orders'),
        ('net_revenue_l12m', 'money', 'last 12 months', false, 'the same of orders of these months'),
        ('net_revenue_without_person', 'money', 'lifetime', false, 'the same of orders that name nobody'),
        ('aov', 'money per order', 'last 12 months', true, '(gross - discount) / orders, before returns and cancellations; orders of nobody known count'),
        ('clv_historic', 'money per buyer', 'lifetime', true, 'net revenue of buyers in one currency / these buyers'),
        ('predicted_clv', 'money per buyer', 'next mart.basis.clv_months', true, 'discounted value of expected orders / buyers for whom there is a prediction (BG/NBD x Gamma-Gamma)'),
        ('people', 'people', 'now', true, 'active profiles'),
        ('buyers', 'people', 'lifetime', true, 'people with an order'),
        ('buyers_l12m', 'people', 'last 12 months', true, 'people with an order of these months'),
        ('people_new', 'people', 'now', true, 'first order within mart.basis.new_days'),
        ('people_active', 'people', 'now', true, 'last order within mart.basis.active_days, and not new'),
        ('people_lapsed', 'people', 'now', true, 'last order within mart.basis.lapsed_days, and not active'),
        ('people_dormant', 'people', 'now', true, 'last order longer ago'),
        ('people_prospect', 'people', 'now', true, 'no order'),
        ('purchase_frequency', 'orders per buyer', 'last 12 months', true, 'orders of known people / distinct buyers'),
        ('repeat_purchase_rate', 'ratio', 'last 12 months', true, 'buyers with two orders or more / buyers, in the same months'),
        ('early_repeat_rate', 'ratio', 'lifetime', true, 'buyers whose second order came within mart.basis.early_repeat_days / buyers whose first order is at least so long ago'),
        ('retention_rate', 'ratio', 'last 12 months', true, 'who bought in the 12 months before and in the last 12 / who bought in the 12 months before'),
        ('churn_rate', 'ratio', 'last 12 months', true, '1 - retention_rate'),
        ('one_and_done_share', 'ratio', 'lifetime', true, 'buyers with exactly one order / buyers'),
        ('conversion_rate', 'ratio', 'last 12 months', true, 'visits with an order or a reported conversion / visits'),
        ('open_rate', 'ratio', 'lifetime', true, 'campaigns sent and opened, once a person / e-mails delivered (sent - bounced); null where no source tells of sends'),
        ('human_open_rate', 'ratio', 'lifetime', true, 'the same without opens by machines; null where no source tells machines apart'),
        ('click_rate', 'ratio', 'lifetime', true, 'campaigns sent and clicked, once a person / e-mails delivered'),
        ('click_to_open_rate', 'ratio', 'lifetime', true, 'campaigns clicked / campaigns opened, once a person; above 1 where opens were not seen'),
        ('csat', 'ratio', 'last 12 months', true, 'good / all rated, over tickets and surveys (4 or 5 of 5 is good); offers not answered count nowhere'),
        ('nps', 'points', 'latest answer', true, '% promoters (9, 10) - % detractors (0 to 6) over the latest answer of each person, -100 to 100')
)
select
    figure.*,
    if(definition.unit in ('money', 'people'), numerator::double, numerator::double / nullif(denominator::double, 0))
        as value,
    definition.unit, definition.period, definition.is_average, basis.as_of, definition.definition
from figure
join definition using (kpi)
cross join mart.basis as basis
