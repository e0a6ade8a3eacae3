-- What became of one pair.
-- reads match.candidate_pair
-- one row, or none where the pair was not kept
select
    outcome,
    rule_id,
    vetoed_by
from match.candidate_pair
where source_a = $source_a
  and pk_a = $pk_a
  and source_b = $source_b
  and pk_b = $pk_b
