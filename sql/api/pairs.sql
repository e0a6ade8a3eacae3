-- reads match.candidate_pair
-- one row per pair at or above the review threshold, in order of its keys
select
    source_a, pk_a, source_b, pk_b, match_weight, match_probability, outcome,
    coalesce(vetoed_by, rule_id) as rule, blocking_rule, comparison_vector
from match.candidate_pair
order by source_a, pk_a, source_b, pk_b
