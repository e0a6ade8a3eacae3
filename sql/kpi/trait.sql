-- All traits of a profile but its preferred channel, which gold.customer_360 works out.
-- Orders without a date count in the lifetime and in no window.
-- reads:  gold.profile_core, gold.orders, own_touch, gold.email_engagement, gold.support_summary, gold.tickets,
--         reseller, outlook, mart.basis
-- writes: temp table trait
-- one row per: active profile
create or replace temp table trait as
with sale as (
    -- money in the reporting currency where it could be converted, else in its own: never added up across currencies
    select
        profile_id, order_at,
        if(net_revenue_reporting is null and net_revenue is not null, currency, coalesce(reporting_currency, currency))
            as currency,
        coalesce(net_revenue_reporting, net_revenue, 0) as net,
        coalesce(if(net_revenue_reporting is null, gross, gross_reporting), 0)
            - coalesce(if(net_revenue_reporting is null, discount, discount_reporting), 0) as goods
    from gold.orders
    where profile_id is not null and not is_test
),
bought as (
    select
        sale.profile_id,
        count(*) as orders_lifetime,
        count(*) filter (order_at > as_of - interval 30 day and order_at <= as_of) as orders_l30d,
        count(*) filter (order_at > as_of - interval 3 month and order_at <= as_of) as orders_l3m,
        count(*) filter (order_at > as_of - interval 12 month and order_at <= as_of) as orders_l12m,
        min(coalesce(currency, '')) = max(coalesce(currency, '')) as is_one_currency,
        min(currency) as currency,
        sum(net) as revenue_lifetime,
        coalesce(sum(net) filter (order_at > as_of - interval 30 day and order_at <= as_of), 0) as revenue_l30d,
        coalesce(sum(net) filter (order_at > as_of - interval 3 month and order_at <= as_of), 0) as revenue_l3m,
        coalesce(sum(net) filter (order_at > as_of - interval 12 month and order_at <= as_of), 0) as revenue_l12m,
        (sum(goods) * 10000)::hugeint as goods_units,
        min(order_at, 2) as first_two,
        max(order_at) as last_order_at,
        max(order_at) filter (order_at <= as_of) as last_before_run,
        min(order_at) filter (order_at <= as_of) as first_before_run,
        count(order_at) as dated_orders
    from sale
    cross join mart.basis
    group by sale.profile_id
),
decile as (
    select
        bought.profile_id,
        ntile(10) over (order by last_before_run, profile_id) - 1 as rfm_recency,
        ntile(10) over (order by orders_l12m, profile_id) - 1 as rfm_frequency,
        if(
            is_one_currency,
            ntile(10) over (partition by is_one_currency, currency order by revenue_l12m, profile_id) - 1, null
        ) as rfm_monetary
    from bought
    join gold.profile_core as core using (profile_id)
    anti join reseller using (profile_id)
    where orders_l12m > 0 and not core.is_test and not core.is_staff
),
touched as (
    select
        profile_id,
        arg_min(channel, (touched_at, touchpoint_id)) as first_touch_channel,
        arg_max(channel, (touched_at, touchpoint_id)) as last_touch_channel
    from own_touch
    group by profile_id
),
ticket_count as (
    select
        profile_id, count(*) filter (created_at > as_of - interval 12 month and created_at <= as_of) as tickets_l12m
    from gold.tickets
    cross join mart.basis
    where profile_id is not null
    group by profile_id
)
select
    core.profile_id,
    not core.is_test and not core.is_staff and reseller.profile_id is null as in_averages,
    if(bought.is_one_currency, bought.currency, null) as currency,
    case when bought.orders_lifetime is null then 0 when is_one_currency then revenue_lifetime end as clv_historic,
    outlook.predicted_clv::decimal(18, 4) as predicted_clv_12m,
    outlook.predicted_orders as predicted_orders_12m,
    outlook.expected_value::decimal(18, 4) as expected_order_value,
    outlook.p_alive,
    -- rounded half up to a hundredth of a cent, in whole numbers
    if(
        is_one_currency,
        ((2 * goods_units + sign(goods_units)::hugeint * orders_lifetime) // (2 * orders_lifetime))::decimal(18, 0)
            * 0.0001::decimal(4, 4),
        null
    ) as aov,
    coalesce(orders_l30d, 0) as orders_l30d,
    coalesce(orders_l3m, 0) as orders_l3m,
    coalesce(orders_l12m, 0) as orders_l12m,
    coalesce(orders_lifetime, 0) as orders_lifetime,
    case when orders_lifetime is null then 0 when is_one_currency then revenue_l30d end as revenue_l30d,
    case when orders_lifetime is null then 0 when is_one_currency then revenue_l3m end as revenue_l3m,
    case when orders_lifetime is null then 0 when is_one_currency then revenue_l12m end as revenue_l12m,
    first_two[1] as first_order_at,
    last_order_at,
    date_diff('day', last_before_run::date, as_of::date) as recency_days,
    date_diff('day', first_before_run::date, as_of::date) as tenure_days,
    if(dated_orders > 1, date_diff('second', first_two[1], last_order_at) / 86400 / (dated_orders - 1), null)
        as days_between_orders,
    if(orders_lifetime > 0, coalesce(first_two[2] <= first_two[1] + to_days(early_repeat_days), false), null)
        as is_early_repeat,
    if(orders_lifetime > 0, orders_lifetime = 1, null) as one_and_done,
    rfm_recency,
    rfm_frequency,
    rfm_monetary,
    rfm_recency::varchar || rfm_frequency || rfm_monetary as rfm,
    case
        when orders_lifetime is null then 'prospect'
        when last_before_run is null then null
        when first_before_run > as_of - to_days(new_days) and orders_lifetime = dated_orders then 'new'
        when last_before_run > as_of - to_days(active_days) then 'active'
        when last_before_run > as_of - to_days(lapsed_days) then 'lapsed'
        else 'dormant'
    end as lifecycle_status,
    first_touch_channel,
    last_touch_channel,
    engagement.open_rate,
    engagement.human_open_rate,
    engagement.click_rate,
    engagement.click_to_open_rate,
    coalesce(tickets_l12m, 0) as tickets_l12m,
    support.csat,
    support.nps_last::integer as nps,
    support.nps_class,
    support.nps_last_at as nps_at
from gold.profile_core as core
cross join mart.basis
left join bought using (profile_id)
left join decile using (profile_id)
left join outlook using (profile_id)
left join touched using (profile_id)
left join gold.email_engagement as engagement using (profile_id)
left join ticket_count using (profile_id)
left join gold.support_summary as support using (profile_id)
left join reseller using (profile_id)
