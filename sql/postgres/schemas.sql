-- reads:  pg_namespace
-- writes: nothing
-- one row per: schema of these names that exists
-- parameters: $names
select nspname from pg_namespace where nspname = any($names) order by nspname
