-- The system of each source, for its priority.
-- reads:  std.source_record, identity.profile_xref
-- writes: temp table source_system
-- one row per: source and system of records
create or replace temp table source_system as
with told as (
    select distinct source, coalesce(system, source) as system from std.source_record
)
select source, system from told
union all
select source, source from (select distinct source from identity.profile_xref) anti join told using (source)
