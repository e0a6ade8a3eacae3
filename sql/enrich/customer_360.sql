-- The analyst's first table: golden values, consent for marketing and the everyday traits.
-- Test orders are left out of orders, revenue, aov and order dates. revenue is net (after discounts, returns
-- and cancellations), in the reporting currency where there is one, and null when the currencies of the orders differ
-- or a rate is missing; aov is gross - discount per order, before returns and cancellations, rounded half up to a
-- hundredth of a cent in whole numbers.
-- An e-mail we sent is no sign of the person: it counts for neither preferred_channel nor first and last seen.
-- reads:  gold.profile_core, gold.consent, gold.orders, activity, gold.email_engagement, gold.support_summary,
--         gold.session, trait, household_of, reseller, privacy.request, identity.profile_alias
-- writes: gold.customer_360
-- one row per: active profile
with restricted as (
    select distinct coalesce(alias.current_profile_id, request.profile_id) as profile_id
    from privacy.request as request
    left join identity.profile_alias as alias on alias.old_profile_id = request.profile_id
    where request.type = 'restrict' and request.status = 'open'
),
marketing_consent as (
    select profile_id, channel, arg_max(status, purpose = 'marketing') as status
    from gold.consent
    where purpose in ('marketing', 'all')
    group by profile_id, channel
),
consent as (
    select
        profile_id,
        any_value(status) filter (channel = 'email') as email,
        any_value(status) filter (channel = 'sms') as sms,
        any_value(status) filter (channel = 'phone') as phone
    from marketing_consent
    group by profile_id
),
told as (
    -- in the reporting currency where there is one, else as the source says
    select
        profile_id, order_at,
        coalesce(reporting_currency, currency) as currency,
        reporting_currency is not null and reporting_rate is null as lacks_rate,
        if(reporting_currency is null, net_revenue, net_revenue_reporting) as net_revenue,
        if(reporting_currency is null, gross, gross_reporting) as gross,
        if(reporting_currency is null, discount, discount_reporting) as discount
    from gold.orders
    where profile_id is not null and not is_test
),
bought as (
    select
        profile_id,
        count(*) as orders,
        min(coalesce(currency, '')) = max(coalesce(currency, '')) and not bool_or(lacks_rate) as is_one_currency,
        min(currency) as currency,
        sum(net_revenue) as revenue,
        (sum(coalesce(gross, 0) - coalesce(discount, 0)) * 10000)::hugeint as order_revenue_units,
        min(order_at) as first_order_at,
        max(order_at) as last_order_at
    from told
    group by profile_id
),
buyer as (
    select
        *,
        ((2 * order_revenue_units + sign(order_revenue_units)::hugeint * orders) // (2 * orders))::decimal(18, 0)
            * 0.0001::decimal(4, 4) as aov
    from bought
),
order_channel as (
    select profile_id, channel, count(*) as n, max(order_at) as last_at
    from gold.orders
    where profile_id is not null and not is_test and channel is not null
    group by profile_id, channel
),
touch_channel as (
    select profile_id, channel, sum(n) as n, max(last_at) as last_at
    from activity
    where touch_type not in ('order', 'email_sent') and channel is not null
    group by profile_id, channel
),
channel_use as (
    select *, true as is_order from order_channel
    union all
    select *, false from touch_channel
),
preferred as (
    select profile_id, channel
    from channel_use
    qualify row_number() over (
        partition by profile_id order by is_order desc, n desc, last_at desc nulls last, channel
    ) = 1
),
visited as (
    select profile_id, count(*) as sessions from gold.session where profile_id is not null group by profile_id
),
trace as (
    select
        profile_id,
        min(first_at) filter (touch_type is distinct from 'email_sent') as first_at,
        max(last_at) filter (touch_type is distinct from 'email_sent') as last_at,
        sum(n) filter (touch_type = 'checkout_abandoned') as abandoned_checkouts
    from activity
    group by profile_id
)
select
    core.* exclude (first_record_at, last_record_at),
    reseller.profile_id is not null as is_reseller,
    reseller.rule as reseller_rule,
    household_of.household_id,
    restricted.profile_id is not null as is_restricted,
    coalesce(consent.email, 'unknown') as consent_email,
    coalesce(consent.sms, 'unknown') as consent_sms,
    coalesce(consent.phone, 'unknown') as consent_phone,
    preferred.channel as preferred_channel,
    least(core.first_record_at, trace.first_at) as first_seen_at,
    greatest(core.last_record_at, trace.last_at) as last_seen_at,
    coalesce(buyer.orders, 0) as orders,
    case when buyer.orders is null then 0 when buyer.is_one_currency then coalesce(buyer.revenue, 0) end as revenue,
    if(buyer.is_one_currency, buyer.currency, null) as revenue_currency,
    if(buyer.is_one_currency, buyer.aov, null) as aov,
    buyer.first_order_at,
    buyer.last_order_at,
    coalesce(trace.abandoned_checkouts, 0) as abandoned_checkouts,
    engagement.opens as email_opens,
    engagement.clicks as email_clicks,
    coalesce(support.tickets, 0) as tickets,
    coalesce(support.open_tickets, 0) as open_tickets,
    support.csat,
    support.nps_class,
    coalesce(visited.sessions, 0) as sessions,
    trait.lifecycle_status,
    trait.p_alive,
    trait.predicted_clv_12m,
    trait.rfm
from gold.profile_core as core
join gold.email_engagement as engagement using (profile_id)
join trait using (profile_id)
left join restricted using (profile_id)
left join consent using (profile_id)
left join buyer using (profile_id)
left join preferred using (profile_id)
left join trace using (profile_id)
left join gold.support_summary as support using (profile_id)
left join visited using (profile_id)
left join household_of using (profile_id)
left join reseller using (profile_id)
