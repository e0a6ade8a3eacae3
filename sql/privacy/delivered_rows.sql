-- Delivered rows whose record or event is the person's: every version of it.
-- reads:  std.row_disposition, erased_key
-- one row per: landed row
select sha256, row_number
from std.row_disposition
semi join erased_key using (source, source_pk)
order by all
