-- reads:  prior.run
-- writes: nothing
-- one row: the last published run
select run_number, run_id, program_version, schema_version, verdict from prior.run order by run_number desc limit 1
