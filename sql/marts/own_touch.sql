-- What people did themselves: neither what others do (mails sent, openings by machines) nor orders, tickets, answers and
-- checkouts, which are no way to us.
-- reads:  gold.touchpoint
-- writes: temp view own_touch
-- one row per: interaction of a known person with a time
create or replace temp view own_touch as
select
    profile_id, touchpoint_id, coalesce(marketing_channel, channel, 'unknown') as channel, campaign, session_id,
    occurred_at as touched_at
from gold.touchpoint
where profile_id is not null and occurred_at is not null and is_machine is not true
    and touch_type not in (
        'order', 'ticket_opened', 'survey_answered', 'email_sent', 'email_delivered', 'email_bounced',
        'email_unsubscribed', 'email_marked_spam', 'checkout_abandoned'
    )
