-- Single-valued facts of a record.
-- reads numbered, std.source_record
-- one row per record, in order of its number
select
    record,
    birth_year,
    birth_month,
    birth_day,
    gender,
    nullif(trim(regexp_replace(lower(company), '[^[:alnum:]]+', ' ', 'g')), '') as company
from numbered
join std.source_record using (source, source_pk)
order by record
