-- reads numbered
-- one row per record, in order of its number
select source, source_pk
from numbered
order by record
