-- reads:  pg_namespace
-- writes: nothing
-- one row per: schema of a generation kept beside the live one
-- parameters: $names
select substring(nspname from '__g([0-9]+)$')::bigint as generation, nspname
from pg_namespace
where nspname ~ '__g[0-9]+$' and regexp_replace(nspname, '__g[0-9]+$', '') = any($names)
order by generation, nspname
