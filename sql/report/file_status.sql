-- reads:  raw.file
-- writes: nothing
-- one row per: status of a delivered file
select status, count(*) as files, coalesce(sum(rows), 0)::bigint as rows,
    coalesce(sum(rejected_rows), 0)::bigint as rejected_rows
from raw.file
group by status
order by status;
