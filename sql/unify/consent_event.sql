-- All statements about consent, with the profile of their record (followed along hard links when the record
-- is gone from its source; null when it leads to no profile), and the objections that people brought to us.
-- reads:  std.consent_event, record_profile, privacy.request, identity.profile, identity.profile_alias
-- writes: gold.consent_event
-- one row per: statement
with standing as (
    select request.*, coalesce(alias.current_profile_id, request.profile_id) as current_profile_id
    from privacy.request as request
    left join identity.profile_alias as alias on alias.old_profile_id = request.profile_id
    where request.type = 'object' and request.status = 'open'
)
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
union all
select
    profile.profile_id,
    'privacy_request' as source,
    standing.request_id as source_pk,
    objected.channel,
    'marketing' as purpose,
    '' as contact,
    'denied' as status,
    true as is_objection,
    standing.requested_at as effective_at,
    'objection of the person' as evidence
from standing
join identity.profile as profile on profile.profile_id = standing.current_profile_id and profile.status = 'active'
cross join (values ('email'), ('sms'), ('phone'), ('fax'), ('whatsapp'), ('mail')) as objected(channel)
where standing.scope in ('', objected.channel)
