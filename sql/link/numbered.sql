-- Numbers the records: the dense id by which everything between here and the clusters calls them.
-- reads std.source_record
-- writes numbered (temporary)
-- one row per live source record, in order of its key
create or replace temp table numbered as
select
    (row_number() over (order by source, source_pk) - 1)::integer as record,
    source,
    source_pk
from std.source_record
