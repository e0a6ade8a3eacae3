-- The number that link gives a record, as in numbered.sql: the records whose keys come before its own.
-- reads std.source_record
-- one row
select
    count(*) filter ((source, source_pk) < ($source, $source_pk)) as before,
    count(*) filter (source = $source and source_pk = $source_pk) > 0 as known
from std.source_record
