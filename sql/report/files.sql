-- reads:  raw.file
-- writes: nothing
-- one row per: delivered file, refused ones first; at most 200
select
    path, member, source, status, rule, reason, rows, rejected_rows, lines, encoding
from raw.file
order by case status when 'refused' then 0 when 'landed' then 1 else 2 end, path, member, sha256
limit 200;
