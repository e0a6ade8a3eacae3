-- Tickets, ratings, waiting times and answers of a profile. Unanswered offers to rate count for nothing; a
-- satisfaction survey counts as good from 4 of 5; of recommendations the latest answer counts (0 to 10).
-- reads:  gold.tickets, answer
-- writes: gold.support_summary
-- one row per: profile with tickets or answers
with of_tickets as (
    select
        profile_id,
        count(*) as tickets,
        count(*) filter (
            case when status is null then solved_at is null
            else lower(status) not in ('solved', 'closed', 'resolved', 'deleted') end
        ) as open_tickets,
        avg(first_reply_minutes) as first_reply_minutes,
        avg(resolution_minutes) as resolution_minutes,
        count(*) filter (satisfaction = 'good') as good,
        count(*) filter (satisfaction = 'bad') as bad,
        max(created_at) as last_ticket_at
    from gold.tickets
    where profile_id is not null
    group by profile_id
),
of_answers as (
    select
        profile_id,
        count(*) filter (kind = 'csat' and score >= 4) as good,
        count(*) filter (kind = 'csat' and score < 4) as bad,
        arg_max(score, (answered_at is not null, answered_at, source, response_id)) filter (
            kind = 'nps' and score between 0 and 10
        ) as nps_last,
        arg_max(answered_at, (answered_at is not null, answered_at, source, response_id)) filter (
            kind = 'nps' and score between 0 and 10
        ) as nps_last_at
    from answer
    where profile_id is not null
    group by profile_id
),
counted as (
    select
        profile_id,
        coalesce(tickets, 0) as tickets,
        coalesce(open_tickets, 0) as open_tickets,
        first_reply_minutes,
        resolution_minutes,
        coalesce(of_tickets.good, 0) + coalesce(of_answers.good, 0) as csat_good,
        coalesce(of_tickets.bad, 0) + coalesce(of_answers.bad, 0) as csat_bad,
        last_ticket_at,
        nps_last,
        nps_last_at
    from of_tickets
    full join of_answers using (profile_id)
)
select
    *,
    csat_good / nullif(csat_good + csat_bad, 0) as csat,
    case when nps_last >= 9 then 'promoter' when nps_last >= 7 then 'passive' when nps_last >= 0 then 'detractor' end
        as nps_class
from counted
