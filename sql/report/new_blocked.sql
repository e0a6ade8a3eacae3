-- reads:  std.blocked_value
-- writes: nothing
-- one row per: value that this run learned to identify nobody: the 50 with most records
-- parameters: $number (generation)
select id_type, id_value, n_records, n_distinct_names, rule, origin
from std.blocked_value
where origin = 'auto' and since_run = $number and n_records > 0
order by n_records desc, id_type, id_value
limit 50;
