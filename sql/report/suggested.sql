-- reads:  steward.review_item
-- writes: nothing
-- one row per: value that so many profiles share that a steward should say whether it identifies anybody
select item_id, id_type, id_value, why, since_run
from steward.review_item
where kind = 'shared_contact'
order by priority desc, item_id
limit 20;
