-- reads: delivered (rows of zendesk_ticket)
-- writes: std.ticket
-- one row per: ticket that is not deleted
-- parameters: $source, $prefix
-- by hand: set variable source = 'zendesk_ticket'; and read getvariable('source') for $source
select
    $source as source,
    source_pk as ticket_id,
    case when requester_id is not null then $prefix || 'zendesk_user' end as person_source,
    requester_id as person_pk,
    coalesce(requester_email, from_email) as person_email,
    created_at,
    updated_at,
    solved_at,
    lower(status) as status,
    lower(nullif(priority, '-')) as priority,
    lower(ticket_channel) as channel,
    subject,
    replies::integer as replies,
    reopens::integer as reopens,
    first_reply_time_in_minutes::integer as first_reply_minutes,
    full_resolution_time_in_minutes::integer as resolution_minutes,
    satisfaction
from delivered
where coalesce(lower(status), '') <> 'deleted'
