-- reads:  pg_namespace
-- writes: nothing
-- one row per: schema of a generation that was being loaded
-- parameters: $names
select nspname
from pg_namespace
where nspname ~ '__g[0-9]+_new$' and regexp_replace(nspname, '__g[0-9]+_new$', '') = any($names)
order by nspname
