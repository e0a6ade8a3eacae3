-- The path of every profile to each conversion, and since the last one, step by step with the time between.
-- reads:  journey_unit
-- writes: mart.journey_step
-- one row per: step of a journey
select
    coalesce(conversion_id, 'open_' || profile_id) as journey_id,
    row_number() over journey as step_number,
    profile_id, conversion_id, channel, campaign, session_id, touchpoint_id, source, source_pk, started_at, ended_at,
    touches,
    date_diff('second', started_at, coalesce(lead(started_at) over journey, converted_at)) / 3600 as hours_to_next
from journey_unit
where unit is not null
window journey as (partition by profile_id, number order by started_at, touchpoint_id)
