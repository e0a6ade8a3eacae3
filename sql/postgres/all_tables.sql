-- reads:  pg_class, pg_namespace
-- writes: nothing
-- one row per: table of any generation: live, kept or being loaded
-- parameters: $names
select n.nspname, c.relname
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind = 'r' and regexp_replace(n.nspname, '__g[0-9]+(_new)?$', '') = any($names)
order by n.nspname, c.relname
