-- reads: fate (std.row_disposition of one source object)
-- one row per: disposition
select disposition, count(*) as rows
from fate
group by disposition
order by disposition
