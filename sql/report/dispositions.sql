-- reads:  std.row_disposition
-- writes: nothing
-- one row per: source object: what became of each landed row
select
    source,
    count(*) as rows,
    count(*) filter (where disposition = 'record') as record,
    count(*) filter (where disposition = 'event') as event,
    count(*) filter (where disposition = 'superseded') as superseded,
    count(*) filter (where disposition = 'duplicate') as duplicate,
    count(*) filter (where disposition = 'deleted') as deleted,
    count(*) filter (where disposition = 'rejected') as rejected,
    count(*) filter (where disposition = 'erased') as erased
from std.row_disposition
group by source
order by source;
