-- reads numbered, std.attribute
-- one row per attribute value of a record
select
    record,
    name,
    value
from numbered
join std.attribute using (source, source_pk)
order by name, record, value
