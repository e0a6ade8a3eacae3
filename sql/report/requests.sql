-- reads:  privacy.request
-- writes: nothing
-- one row per: type of request
select
    type, count(*) filter (where status in ('open', 'running')) as open,
    min(due_at) filter (where status in ('open', 'running')) as next_due,
    count(*) filter (where status = 'done') as done,
    count(*) filter (where status = 'done' and done_at > due_at) as done_late,
    count(*) filter (where status = 'withdrawn') as withdrawn
from privacy.request
group by type
order by type;
