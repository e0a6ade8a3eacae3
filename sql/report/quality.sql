-- reads:  ops.quality_result
-- writes: nothing
-- one row per: expectation, failed critical ones first
select suite, expectation, subject, severity, success, observed, expected, failed_rows, message
from ops.quality_result
order by
    coalesce(success, false), case severity when 'critical' then 0 when 'warning' then 1 else 2 end,
    suite, expectation, subject;
