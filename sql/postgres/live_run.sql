-- reads:  ops.run
-- writes: nothing
-- one row: the run whose generation readers see
select run_number, run_id from ops.run order by run_number desc limit 1
