-- What a profile did with our e-mails. Sends and machine opens are null where no source tells of any.
-- reads:  gold.profile_core, gold.touchpoint, gold.consent
-- writes: gold.email_engagement
-- one row per: profile
with email_touch as (
    select
        profile_id,
        count(*) filter (touch_type = 'email_sent') as sends,
        count(*) filter (touch_type = 'email_opened') as opens,
        count(distinct coalesce(campaign, '')) filter (touch_type = 'email_opened') as unique_opens,
        count(*) filter (touch_type = 'email_opened' and is_machine) as machine_opens,
        count(*) filter (touch_type = 'email_clicked') as clicks,
        count(distinct coalesce(campaign, '')) filter (touch_type = 'email_clicked') as unique_clicks,
        max(occurred_at) filter (touch_type = 'email_opened') as last_open_at,
        max(occurred_at) filter (touch_type = 'email_clicked') as last_click_at
    from gold.touchpoint
    where profile_id is not null and touch_type in ('email_sent', 'email_opened', 'email_clicked')
    group by profile_id
),
told as (
    select
        coalesce(bool_or(touch_type = 'email_sent'), false) as of_sends,
        coalesce(bool_or(is_machine is not null), false) as of_machines
    from gold.touchpoint
),
consent_email as (
    select profile_id, arg_max(status, purpose = 'marketing') as status
    from gold.consent
    where channel = 'email' and purpose in ('marketing', 'all')
    group by profile_id
)
select
    core.profile_id,
    if(told.of_sends, coalesce(email_touch.sends, 0), null) as sends,
    coalesce(email_touch.opens, 0) as opens,
    coalesce(email_touch.unique_opens, 0) as unique_opens,
    if(told.of_machines, coalesce(email_touch.machine_opens, 0), null) as machine_opens,
    coalesce(email_touch.clicks, 0) as clicks,
    coalesce(email_touch.unique_clicks, 0) as unique_clicks,
    email_touch.last_open_at,
    email_touch.last_click_at,
    coalesce(consent_email.status, 'unknown') as consent_email
from gold.profile_core as core
cross join told
left join email_touch using (profile_id)
left join consent_email using (profile_id)
