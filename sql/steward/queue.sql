-- reads:  steward.review_item
-- one row per: case, the most important first
select
    item_id, kind, why, priority, uncertainty, business_value, records, profile_ids, decisions, id_type, id_value,
    match_probability, assignee, due, since_run
from steward.review_item
order by priority desc, item_id
