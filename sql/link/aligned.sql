-- Which record of the run before each record is.
-- reads numbered, before.source_record (the same table of the run before)
-- one row per record of both runs; both numbers count in order of the record keys, from 0
with earlier as (
    select (row_number() over (order by source, source_pk) - 1)::integer as earlier, source, source_pk
    from before.source_record
)
select numbered.record, earlier.earlier
from numbered
join earlier using (source, source_pk)
