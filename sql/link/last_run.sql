-- reads prior.run
-- one row: the run that published the last generation, none after a rollback, whose tables are another run's
select run_id
from prior.run
qualify row_number() over (order by run_number desc) = 1 and verdict <> 'rolled_back'
