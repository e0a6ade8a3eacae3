-- role: eraser. For the privacy officer, in a hurry or for proof: finds a person by a contact point, deletes rows, empties
-- personal columns; reads no other value of a person and adds nothing. Keeps its sight of kept generations.
-- (`identity erase` itself replaces whole generations and works as the loader.)
-- reads:  served_column
-- writes: nothing
-- one row per: statement to execute
-- parameters: $role
with ours as (
    select * from served_column
    where schema_name in ('raw', 'std', 'match', 'steward', 'identity', 'gold', 'mart', 'ops', 'privacy')
),
readable as (
    select * from ours
    where not personal
        or schema_name = 'privacy'
        or (schema_name, table_name) in (('gold', 'contact_point'), ('std', 'identifier'))
)
select distinct format('grant usage on schema %I to %I', schema_name, $role::text) from ours
union all
select format(
    'grant select (%s) on %I.%I to %I',
    string_agg(format('%I', column_name), ', ' order by position), schema_name, table_name, $role::text
)
from readable
group by schema_name, table_name
union all
select format(
    'grant update (%s) on %I.%I to %I',
    string_agg(format('%I', column_name), ', ' order by position), schema_name, table_name, $role::text
)
from ours
where personal
group by schema_name, table_name
union all
select distinct format('grant delete on %I.%I to %I', schema_name, table_name, $role::text)
from ours
where schema_name <> 'ops'
