-- The path of every profile to each conversion, and since the last one, step by step with the time between.
-- reads:  journey_unit, gold.touchpoint
-- writes: mart.journey_step
-- one row per: step of a journey
select
    coalesce(unit.conversion_id, 'open_' || unit.profile_id) as journey_id,
    row_number() over journey as step_number,
    unit.profile_id, unit.conversion_id, unit.channel, unit.campaign, unit.session_id, unit.touchpoint_id,
    first_touch.source, first_touch.source_pk, unit.started_at, unit.ended_at, unit.touches,
    date_diff('second', unit.started_at, coalesce(lead(unit.started_at) over journey, unit.converted_at)) / 3600
        as hours_to_next
from journey_unit as unit
join gold.touchpoint as first_touch using (touchpoint_id)
window journey as (partition by unit.profile_id, unit.number order by unit.started_at, touchpoint_id)
