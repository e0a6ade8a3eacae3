-- reads:  match.candidate_pair
-- writes: nothing
-- one row per: outcome, and where in the scores its pairs lie
select
    outcome, count(*) as pairs,
    count(*) filter (where stage = 'deterministic') as by_rule,
    count(*) filter (where stage = 'fuzzy') as by_score,
    count(*) filter (where stage = 'steward') as by_steward,
    min(match_probability) as lowest_probability, max(match_probability) as highest_probability
from match.candidate_pair
group by outcome
order by pairs desc, outcome;
