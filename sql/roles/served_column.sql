-- reads:  the catalogue
-- writes: temporary view served_column, which the roles' queries read
-- one row per: column of the live generation; personal where its comment says so
create or replace temporary view served_column as
select
    n.nspname as schema_name,
    c.relname as table_name,
    a.attname as column_name,
    a.attnum as position,
    coalesce(col_description(c.oid, a.attnum), '') like '%(personal)' as personal
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_attribute as a on a.attrelid = c.oid
where c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
