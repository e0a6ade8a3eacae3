-- reads: delivered (rows of mailchimp_open)
-- writes: std.touchpoint
-- one row per: opening of a campaign
-- parameters: $source
-- by hand: set variable source = 'mailchimp_open'; and read getvariable('source') for $source
select
    $source as source,
    source_pk,
    person_email,
    timestamp as occurred_at,
    'email' as channel,
    'email_opened' as touch_type,
    timestamp_zone as time_zone,
    campaign,
    'Opened ' || coalesce(campaign, 'an e-mail') as title,
    null::varchar as url
from delivered
