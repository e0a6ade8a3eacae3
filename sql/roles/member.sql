-- reads:  pg_roles
-- writes: nothing
-- one row: the role, where it exists and whoever is connected may act as it
-- parameters: $role
select rolname from pg_roles where rolname = $role and pg_has_role(session_user, oid, 'member')
