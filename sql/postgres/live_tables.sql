-- reads:  pg_class, pg_namespace
-- writes: nothing
-- one row per: table that readers see
-- parameters: $names
select n.nspname, c.relname
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname = any($names)
order by n.nspname, c.relname
