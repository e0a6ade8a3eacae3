-- reads:  raw.file
-- one row per: landed file, with every place where the same bytes were delivered
select landed.source, landed.sha256, list({'path': place.path, 'member': place.member} order by place.path, place.member) as places
from (select distinct source, sha256 from raw.file where status = 'landed') as landed
join raw.file as place on place.sha256 = landed.sha256
group by landed.source, landed.sha256
order by landed.source, landed.sha256
