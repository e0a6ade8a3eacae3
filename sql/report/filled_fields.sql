-- reads:  std.source_record, std.identifier, std.address, std.attribute
-- writes: nothing
-- one row per: field that could be compared, by its name in the matching model
select id_type as field, count(distinct hash(source, source_pk)) as records
from std.identifier
where not coalesce(is_blocked, false) and id_match_key is not null
group by id_type
union all
select 'attribute.' || name, count(distinct hash(source, source_pk)) from std.attribute group by name
union all
select 'address', count(distinct hash(source, source_pk)) from std.address
union all
select 'birth_date', count(birth_year) from std.source_record
union all
select 'gender', count(gender) from std.source_record
union all
select 'company', count(company) from std.source_record
order by records desc, field;
