-- reads: raw.file
-- one row per: landed file with its source object
select source, sha256, path, member, first_run
from raw.file
where status = 'landed'
order by source, path, member, sha256
