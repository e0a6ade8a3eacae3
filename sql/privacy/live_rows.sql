-- Which of some rows are of a live record of somebody else, of an event, or of neither.
-- reads:  std.row_disposition, std.source_record, erased_record, suspect
-- one row per: suspected row
select
    suspect.sha256, suspect.row_number,
    live.source is not null as is_live_record,
    fate.disposition = 'event' as is_event
from suspect
left join std.row_disposition as fate using (sha256, row_number)
left join std.source_record as live on live.source = fate.source and live.source_pk = fate.source_pk
anti join erased_record on erased_record.source = fate.source and erased_record.source_pk = fate.source_pk
order by all
