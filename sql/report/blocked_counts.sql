-- reads:  std.blocked_value
-- writes: nothing
-- one row per: type and origin of blocked values
select id_type, origin, count(*) as values, count(*) filter (where n_records > 0) as met, coalesce(sum(n_records), 0)::bigint as records
from std.blocked_value
group by all
order by id_type, origin;
