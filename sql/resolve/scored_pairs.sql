-- reads match.scored_pair
-- one row per pair that link kept, in order of its records
select
    left_record,
    right_record,
    blocking_rule,
    rule_id,
    match_weight,
    comparison_vector
from match.scored_pair
order by left_record, right_record
