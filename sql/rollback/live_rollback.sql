-- The generation that the live one is, where a rollback of these words published it.
-- reads:  ops.run
-- one row per: rollback (none or one)
-- parameters: $run_id, $by, $reason
select rolled_back_to
from ops.run
where run_id = $run_id and verdict = 'rolled_back' and decided_by = $by and reason = $reason
