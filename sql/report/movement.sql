-- reads:  ops.run_metric
-- writes: nothing
-- one row per: figure that was compared with the last published run or has a limit
select
    stage, name, label, value, previous,
    case when previous <> 0 then value / previous - 1 end as change, threshold
from ops.run_metric
where threshold is not null or previous is not null
order by threshold is null, stage, name, label
limit 100;
