-- reads:  wanted_profile (profile_id), memory.review.event, identity.profile_event
-- one row per: event of a wanted profile, the latest first, at most a hundred
select run_number, event_type, profile_id, other_profile_id, source, source_pk, cause, actor
from identity.profile_event
join (
    select distinct event.place from memory.review.event as event semi join wanted_profile using (profile_id)
) as found on identity.profile_event.rowid = found.place
order by run_number desc, event_type, event_id
limit 100
