-- Nobody but the owner: neither everybody (public) nor the roles named here, until the roles' own files grant again.
-- By hand: as the owner, with the parameters filled in, `\gexec` in place of the last line's end.
-- reads:  the catalogue
-- writes: nothing
-- one row per: statement to execute
-- parameters: $names, schemas; $roles, roles that exist
with holder as (
    select 'public' as name
    union all
    select format('%I', r) from unnest($roles::text[]) as r
),
place as (
    select nspname as name from pg_namespace where nspname = any($names)
)
select format('revoke all on schema %I from %s', place.name, holder.name) from place, holder
union all
select format('revoke all on all tables in schema %I from %s', place.name, holder.name) from place, holder
union all
select format('revoke all on all functions in schema %I from %s', place.name, holder.name) from place, holder
