-- reads:  identity.profile_event
-- writes: nothing
-- one row per: kind of change of this run and its cause
-- parameters: $number (generation)
select event_type, coalesce(cause, 'unknown') as cause, count(*) as events, count(distinct profile_id) as profiles
from identity.profile_event
where run_number = $number
group by all
order by event_type, events desc, cause;
