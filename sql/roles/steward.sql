-- role: steward. Reads everything a decision is made from: records as delivered and standardised, pairs, the queue.
-- Decisions are given by `identity`, never in the warehouse. People's requests (privacy) are not a steward's.
-- reads:  served_column
-- writes: nothing
-- one row per: statement to execute
-- parameters: $role
with granted as (
    select * from served_column
    where schema_name in ('raw', 'std', 'match', 'steward', 'identity', 'gold', 'mart', 'ops')
)
select distinct format('grant usage on schema %I to %I', schema_name, $role::text) from granted
union all
select format(
    'grant select (%s) on %I.%I to %I',
    string_agg(format('%I', column_name), ', ' order by position), schema_name, table_name, $role::text
)
from granted
group by schema_name, table_name
union all
select format('grant execute on all functions in schema %I to %I', 'identity', $role::text)
where to_regnamespace('identity') is not null
