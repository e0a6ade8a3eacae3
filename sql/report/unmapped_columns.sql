-- reads:  raw.column
-- writes: nothing
-- one row per: delivered column that feeds no field of ours and holds something
select source, column_name, filled, rows, filled / nullif(rows, 0) as fill_share
from raw.column
where mapped_to is null and filled > 0
order by filled desc, source, column_name
limit 100;
