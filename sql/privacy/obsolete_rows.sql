-- Delivered rows that count no more: a newer version superseded them, or an equal row was delivered before.
-- reads:  raw.file, std.row_disposition
-- one row per: landed file with such rows, of which every delivery is older than $before
-- parameters: $before (UTC)
select file.source, fate.sha256, list(fate.row_number order by fate.row_number) as rows
from std.row_disposition as fate
join (
    select sha256, any_value(source) as source
    from raw.file
    where source is not null
    group by sha256
    having max(delivered_at) < $before
) as file using (sha256)
where fate.disposition in ('superseded', 'duplicate')
group by file.source, fate.sha256
order by all
