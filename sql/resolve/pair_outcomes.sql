-- reads match.candidate_pair
-- one row per outcome
select
    outcome,
    count(*) as pairs
from match.candidate_pair
group by outcome
order by outcome
