-- reads: ops.quality_result
-- one row per: expectation, failed ones first
select suite, expectation, subject, severity, success, observed, expected, failed_rows, message
from ops.quality_result
order by success, severity, suite, expectation, subject
