-- reads: delivered (rows of zendesk_ticket)
-- writes: further e-mails of the requesters: the address a ticket was sent from
-- one row per: requester and address
-- parameters: $prefix
-- by hand: set variable prefix = ''; and read getvariable('prefix') for $prefix
select distinct
    $prefix || 'zendesk_user' as source,
    requester_id as source_pk,
    from_address as email
from delivered
where requester_id is not null and from_address is not null and lower(ticket_channel) = 'email'
