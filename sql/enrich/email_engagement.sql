-- What a profile did with our e-mails. What no source tells of (sends, bounces, opens by machines) is null and not 0.
-- Rates by delivery count only campaigns known to be sent to the profile, so that none exceeds 1.
-- reads:  gold.profile_core, gold.touchpoint, gold.consent
-- writes: gold.email_engagement
-- one row per: profile
with per_campaign as (
    select
        profile_id,
        coalesce(campaign, '') as campaign,
        count(*) filter (touch_type = 'email_sent') as sends,
        count(*) filter (touch_type = 'email_bounced') as bounces,
        count(*) filter (touch_type = 'email_opened') as opens,
        count(*) filter (touch_type = 'email_opened' and is_machine) as machine_opens,
        count(*) filter (touch_type = 'email_clicked') as clicks,
        max(occurred_at) filter (touch_type = 'email_sent') as last_sent_at,
        max(occurred_at) filter (touch_type = 'email_opened') as last_open_at,
        max(occurred_at) filter (touch_type = 'email_clicked') as last_click_at,
        coalesce(bool_or(is_machine is not null), false) as tells_of_machines
    from gold.touchpoint
    where touch_type in ('email_sent', 'email_bounced', 'email_opened', 'email_clicked')
    group by profile_id, coalesce(campaign, '')
),
told as (
    select
        coalesce(sum(sends) > 0, false) as of_sends,
        coalesce(sum(bounces) > 0, false) as of_bounces,
        coalesce(bool_or(tells_of_machines), false) as of_machines
    from per_campaign
),
summed as (
    select
        profile_id,
        sum(sends) as sends,
        sum(bounces) as bounces,
        greatest(sum(sends) - sum(bounces), 0) as delivered,
        sum(opens) as opens,
        count(*) filter (opens > 0) as unique_opens,
        sum(machine_opens) as machine_opens,
        count(*) filter (opens > machine_opens) as unique_human_opens,
        sum(clicks) as clicks,
        count(*) filter (clicks > 0) as unique_clicks,
        count(*) filter (opens > 0 and sends > bounces) as opened_of_sent,
        count(*) filter (opens > machine_opens and sends > bounces) as human_opened_of_sent,
        count(*) filter (clicks > 0 and sends > bounces) as clicked_of_sent,
        max(last_sent_at) as last_sent_at,
        max(last_open_at) as last_open_at,
        max(last_click_at) as last_click_at
    from per_campaign
    where profile_id is not null
    group by profile_id
),
consent_email as (
    select profile_id, arg_max(status, purpose = 'marketing') as status
    from gold.consent
    where channel = 'email' and purpose in ('marketing', 'all')
    group by profile_id
)
select
    core.profile_id,
    if(told.of_sends, coalesce(summed.sends, 0), null) as sends,
    if(told.of_bounces, coalesce(summed.bounces, 0), null) as bounces,
    if(told.of_sends, coalesce(summed.delivered, 0), null) as delivered,
    coalesce(summed.opens, 0) as opens,
    coalesce(summed.unique_opens, 0) as unique_opens,
    if(told.of_machines, coalesce(summed.machine_opens, 0), null) as machine_opens,
    if(told.of_machines, coalesce(summed.unique_human_opens, 0), null) as unique_human_opens,
    coalesce(summed.clicks, 0) as clicks,
    coalesce(summed.unique_clicks, 0) as unique_clicks,
    summed.opened_of_sent / nullif(summed.delivered, 0) as open_rate,
    if(told.of_machines, summed.human_opened_of_sent / nullif(summed.delivered, 0), null) as human_open_rate,
    summed.clicked_of_sent / nullif(summed.delivered, 0) as click_rate,
    summed.unique_clicks / nullif(summed.unique_opens, 0) as click_to_open_rate,
    summed.last_sent_at,
    summed.last_open_at,
    summed.last_click_at,
    coalesce(consent_email.status, 'unknown') as consent_email
from gold.profile_core as core
cross join told
left join summed using (profile_id)
left join consent_email using (profile_id)
