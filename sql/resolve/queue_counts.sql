-- reads steward.review_item
-- one row per kind of case
select kind, count(*) as items
from steward.review_item
group by kind
order by kind
