-- reads numbered, std.name
-- one row per name of a person, in order of record and position
select
    record,
    given_key,
    middle_key,
    family_key,
    lower(suffix) as suffix
from numbered
join std.name using (source, source_pk)
where is_person
  and (given_key is not null or family_key is not null)
order by record, position
