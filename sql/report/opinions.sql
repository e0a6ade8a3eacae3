-- reads:  steward.opinion
-- one row per: reviewer's answer about a sampled pair, the earliest first
select item_id, reviewer, verdict, stratum
from steward.opinion
order by item_id, "at", reviewer;
