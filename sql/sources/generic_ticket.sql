-- reads: delivered (rows of a generic source of kind ticket)
-- writes: std.ticket
-- one row per: ticket
-- by hand: create table delivered as select ...
select
    object as source,
    source_pk as ticket_id,
    case when person_id is not null then person_source end as person_source,
    case when person_source is not null then person_id end as person_pk,
    email as person_email,
    created_at,
    updated_at,
    solved_at,
    lower(status) as status,
    lower(priority) as priority,
    lower(channel) as channel,
    subject,
    replies::integer as replies,
    reopens::integer as reopens,
    first_reply_minutes::integer as first_reply_minutes,
    resolution_minutes::integer as resolution_minutes,
    case when lower(satisfaction) in ('good', 'bad', 'offered', 'unoffered') then lower(satisfaction) end as satisfaction
from delivered
