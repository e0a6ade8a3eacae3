-- reads:  std.source_record, identity.profile_xref
-- writes: nothing
-- one row per: combination of systems
with members as (
    select distinct hash(x.profile_id) as profile, r.system
    from identity.profile_xref as x join std.source_record as r using (source, source_pk)
),
combinations as (
    select list(system order by system) as systems from members group by profile
)
select systems, count(*) as profiles
from combinations
group by systems
order by profiles desc, systems
limit 1000;
