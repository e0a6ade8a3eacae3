-- role: steward. Reads everything a decision is made from: records as delivered and standardised, pairs, the queue.
-- Decisions are given by `identity`, never in the warehouse. People's requests (privacy) are not a steward's.
-- reads:  served_column
-- writes: temporary view granted, which sql/roles/grants.sql makes statements of
-- one row per: privilege and column; a right to delete names no column, one to call functions no table
create or replace temporary view granted as
select 'select' as privilege, schema_name, table_name, column_name, position
from served_column
where schema_name in ('raw', 'std', 'match', 'steward', 'identity', 'gold', 'mart', 'ops')
union all
select 'execute', 'identity', null, null, null::smallint
