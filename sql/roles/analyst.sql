-- role: analyst. Reads what analyses need and no value of a person: people are profile ids.
-- reads:  served_column
-- writes: temporary view granted, which sql/roles/grants.sql makes statements of
-- one row per: privilege and column; a right to delete names no column, one to call functions no table
create or replace temporary view granted as
select 'select' as privilege, schema_name, table_name, column_name, position
from served_column
where schema_name in ('gold', 'mart', 'identity', 'ops') and not personal
union all
select 'execute', 'identity', null, null, null::smallint
