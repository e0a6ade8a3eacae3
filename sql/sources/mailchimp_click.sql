-- reads: delivered (rows of mailchimp_click)
-- writes: std.touchpoint
-- one row per: click in a campaign
-- parameters: $source
-- by hand: set variable source = 'mailchimp_click'; and read getvariable('source') for $source
select
    $source as source,
    source_pk,
    person_email,
    timestamp as occurred_at,
    'email' as channel,
    'email_clicked' as touch_type,
    timestamp_zone as time_zone,
    campaign,
    'Clicked ' || coalesce(campaign, 'an e-mail') as title,
    url as url
from delivered
