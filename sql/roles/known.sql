-- reads:  pg_roles
-- writes: nothing
-- one row: the role, where it exists
-- parameters: $role
select rolname from pg_roles where rolname = $role
