-- reads:  raw.rejected
-- writes: nothing
-- one row per: source object and rule that rejected rows
select
    coalesce(source, 'unknown') as source, rule, count(*) as rows, count(distinct sha256) as files,
    min(path) as first_file, arg_min(line_from, (path, member, line_from, row_number)) as first_line,
    min(detail) as detail
from raw.rejected
group by all
order by rows desc, source, rule
limit 100;
