-- Every record of the profiles: live ones, those gone from their source that lead to them, withdrawn ones.
-- reads:  wanted_profile, record_profile, identity.profile_event, identity.profile_xref
-- writes: temp table erased_record
-- one row per: record
create or replace temp table erased_record as
select source, source_pk from record_profile semi join wanted_profile using (profile_id)
union
select event.source, event.source_pk
from identity.profile_event as event
semi join wanted_profile using (profile_id)
anti join identity.profile_xref as live using (source, source_pk)
where event.event_type = 'lost_record' and event.cause = 'withdrawn' and event.source_pk is not null
