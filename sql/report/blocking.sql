-- reads:  match.blocking_rule
-- writes: nothing
-- one row per: blocking rule
select rule, pairs, new_pairs, blocks, largest_block, refined_blocks, skipped_blocks, skipped_pairs
from match.blocking_rule
order by new_pairs desc, rule;
