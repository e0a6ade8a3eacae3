-- reads: delivered (rows of mailchimp_not_opened: who got a campaign and did not open it)
-- writes: std.touchpoint
-- one row per: member and campaign
-- parameters: $source
-- by hand: set variable source = 'mailchimp_not_opened'; and read getvariable('source') for $source
select
    $source as source,
    source_pk,
    person_email,
    null::timestamp as occurred_at,
    'email' as channel,
    'email_sent' as touch_type,
    campaign,
    'Received ' || coalesce(campaign, 'an e-mail') as title
from delivered
