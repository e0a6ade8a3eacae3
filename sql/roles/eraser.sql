-- role: eraser. For the privacy officer, in a hurry or for proof: finds a person by a contact point, deletes rows, empties
-- personal columns; reads no other value of a person and adds nothing. Keeps its sight of kept generations.
-- (`identity erase` itself replaces whole generations and works as the loader.)
-- reads:  served_column
-- writes: temporary view granted, which sql/roles/grants.sql makes statements of
-- one row per: privilege and column; a right to delete names no column, one to call functions no table
create or replace temporary view granted as
with ours as (
    select * from served_column
    where schema_name in ('raw', 'std', 'match', 'steward', 'identity', 'gold', 'mart', 'ops', 'privacy')
)
select 'select' as privilege, schema_name, table_name, column_name, position
from ours
where not personal
    or schema_name = 'privacy'
    or (schema_name, table_name) in (('gold', 'contact_point'), ('std', 'identifier'))
union all
select 'update', schema_name, table_name, column_name, position
from ours
where personal
union all
select distinct 'delete', schema_name, table_name, null, null::smallint
from ours
where schema_name <> 'ops'
