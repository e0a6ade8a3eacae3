-- reads record
-- writes std.source_record
-- one row per record
select
    source,
    source_pk,
    case when chance(record, 20) < 0.3 then birth_year end as birth_year,
    case when chance(record, 20) < 0.3 then birth_month end as birth_month,
    case when chance(record, 20) < 0.3 then birth_day end as birth_day
from record
