-- reads:  pg_attribute
-- writes: nothing
-- one row: the table of runs, as a generation of ours has it
select attrelid
from pg_attribute
where attrelid = to_regclass('ops.run') and attname in ('run_number', 'run_id', 'schema_version')
group by attrelid
having count(*) = 3
