-- reads: raw.file
-- one row per: landed file with its source object, and the run in which its bytes came last
select landed.source, landed.sha256, landed.path, landed.member, landed.first_run, max(place.last_run) as last_run
from raw.file as landed
join raw.file as place on place.source = landed.source and place.sha256 = landed.sha256
where landed.status = 'landed'
group by landed.source, landed.sha256, landed.path, landed.member, landed.first_run
order by landed.source, landed.path, landed.member, landed.sha256
