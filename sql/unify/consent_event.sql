-- All statements about consent, with the profile of their record (followed along hard links when the record
-- is gone from its source; null when it leads to no profile).
-- reads:  std.consent_event, record_profile
-- writes: gold.consent_event
-- one row per: statement
select
    record_profile.profile_id,
    event.source,
    event.source_pk,
    event.channel,
    event.purpose,
    coalesce(event.contact, '') as contact,
    event.status,
    coalesce(event.is_objection, false) as is_objection,
    event.effective_at,
    event.evidence
from std.consent_event as event
left join record_profile using (source, source_pk)
