-- reads: delivered (rows of mailchimp_opened: who opened a campaign at all)
-- writes: std.touchpoint
-- one row per: member and what the row tells of: the e-mail was sent, and it was opened
-- parameters: $source
-- by hand: set variable source = 'mailchimp_opened'; and read getvariable('source') for $source
--
-- The opening has no time; standardise drops it where the campaign's single openings were delivered, too.
select
    $source as source,
    source_pk || told.suffix as source_pk,
    person_email,
    null::timestamp as occurred_at,
    'email' as channel,
    told.touch_type,
    campaign,
    told.verb || coalesce(campaign, 'an e-mail') as title
from delivered
cross join (values (':sent', 'email_sent', 'Received '), (':opened', 'email_opened', 'Opened ')) as told(suffix, touch_type, verb)
