-- The system an event comes from: the longest system name its source begins with.
-- reads:  std.touchpoint, std.ticket, std.survey_response, std.source_record
-- writes: temp table event_system
-- one row per: source of events
create or replace temp table event_system as
with event_source as (
    select source from std.touchpoint
    union
    select source from std.ticket
    union
    select source from std.survey_response
),
system as (
    select distinct system from std.source_record where system <> ''
)
select event_source.source, coalesce(arg_max(system.system, length(system.system)), '') as system
from event_source
left join system on event_source.source = system.system or starts_with(event_source.source, system.system || '_')
group by event_source.source
