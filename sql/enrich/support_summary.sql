-- Tickets, ratings and waiting times of a profile. Unanswered offers to rate count for nothing.
-- reads:  gold.tickets
-- writes: gold.support_summary
-- one row per: profile with tickets
with counted as (
    select
        profile_id,
        count(*) as tickets,
        count(*) filter (
            case when status is null then solved_at is null
            else lower(status) not in ('solved', 'closed', 'resolved', 'deleted') end
        ) as open_tickets,
        avg(first_reply_minutes) as first_reply_minutes,
        count(*) filter (satisfaction = 'good') as csat_good,
        count(*) filter (satisfaction = 'bad') as csat_bad,
        max(created_at) as last_ticket_at
    from gold.tickets
    where profile_id is not null
    group by profile_id
)
select *, csat_good / nullif(csat_good + csat_bad, 0) as csat
from counted
