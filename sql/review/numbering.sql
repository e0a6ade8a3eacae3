-- reads:  std.source_record
-- one row: the records, and how many do not stand where link's numbering has them
select count(*) as records, count(*) filter (place <> number) as moved
from (
    select rowid as place, row_number() over (order by source, source_pk) - 1 as number from std.source_record
)
