-- role: loader. Owns the warehouse: loads, switches and drops generations, and erases. `identity run` works as this role.
-- reads:  the catalogue
-- writes: nothing
-- one row per: statement to execute; what an earlier login published becomes the loader's
-- parameters: $role; $roles, all of ours; $names, schemas of a generation
with mine as (
    select oid, nspname
    from pg_namespace
    where regexp_replace(nspname, '__g[0-9]+(_new)?$', '') = any($names)
        and exists (
            select 1 from pg_class as run
            join pg_namespace as ops on ops.oid = run.relnamespace
            where run.relname = 'run' and ops.nspname = 'ops'
        )
)
select format('grant connect, create, temporary on database %I to %I', current_database(), $role::text)
union all
select format('grant connect on database %I to %I', current_database(), r) from unnest($roles::text[]) as r
union all
select format('alter schema %I owner to %I', nspname, $role::text) from mine
union all
select format('alter table %I.%I owner to %I', mine.nspname, c.relname, $role::text)
from pg_class as c
join mine on mine.oid = c.relnamespace
where c.relkind = 'r'
union all
select format('alter function %s owner to %I', p.oid::regprocedure, $role::text)
from pg_proc as p
join mine on mine.oid = p.pronamespace
