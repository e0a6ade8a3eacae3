-- reads std.source_record, identity.profile_xref
-- writes nothing
-- one row per system
select r.system, count(distinct x.profile_id) as profiles
from identity.profile_xref as x join std.source_record as r using (source, source_pk)
group by r.system
order by profiles desc, r.system;
