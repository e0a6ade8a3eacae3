-- reads:  steward.review_item, steward.sample_item, prior.review_item, prior.run
-- writes: nothing
-- one row per: kind of case
-- parameters: $number (generation)
with waiting as (
    select item_id, kind, since_run, assignee from steward.review_item
    union all
    select item_id, 'sample', null, null from steward.sample_item
),
now_open as (
    select
        kind, count(*) as cases, count(*) filter (where since_run = $number) as new_cases,
        count(assignee) as assigned, min(since_run) as oldest_run
    from waiting
    group by kind
),
gone as (
    select before.kind, count(*) as settled
    from prior.review_item as before anti join steward.review_item using (item_id)
    group by before.kind
)
select
    kind, coalesce(n.cases, 0) as cases, coalesce(n.new_cases, 0) as new_cases, coalesce(g.settled, 0) as settled,
    coalesce(n.assigned, 0) as assigned, n.oldest_run, r.as_of as oldest_as_of
from now_open as n
full join gone as g using (kind)
left join prior.run as r on r.run_number = n.oldest_run
order by kind = 'sample', cases desc, kind;
