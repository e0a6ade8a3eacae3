-- The statements that give a role what its file says.
-- reads:  granted
-- writes: nothing
-- one row per: statement to execute
-- parameters: $role
select distinct format('grant usage on schema %I to %I', schema_name, $role::text)
from granted
where privilege <> 'execute'
union all
select format(
    'grant %s (%s) on %I.%I to %I',
    privilege, string_agg(format('%I', column_name), ', ' order by position), schema_name, table_name, $role::text
)
from granted
where column_name is not null
group by privilege, schema_name, table_name
union all
select format('grant delete on %I.%I to %I', schema_name, table_name, $role::text)
from granted
where privilege = 'delete'
union all
select format('grant execute on all functions in schema %I to %I', schema_name, $role::text)
from granted
where privilege = 'execute' and to_regnamespace(schema_name) is not null
