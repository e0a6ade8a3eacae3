-- reads: std.record_change
-- one row per: kind of change
select change, count(*) as records
from std.record_change
group by change
order by change
