-- Whose e-mail is it, for events that name a person by nothing else. Within a system the record that holds the
-- e-mail there answers, though a partner shares it elsewhere; system '' is the answer over all systems.
-- Blocked e-mails and those of several profiles answer nothing.
-- reads:  std.identifier, std.source_record, identity.profile_xref, std.touchpoint, std.ticket, std.survey_response
-- writes: temp table email_profile
-- one row per: e-mail match key that events name x system in which it is exactly one profile's
create or replace temp table email_profile as
with named as (
    select person_email as email_key from std.touchpoint where person_email is not null
    union
    select person_email from std.ticket where person_email is not null
    union
    select person_email from std.survey_response where person_email is not null
),
holder as (
    select identifier.id_match_key as email_key, record.system, xref.profile_id
    from std.identifier as identifier
    semi join named on named.email_key = identifier.id_match_key
    join identity.profile_xref as xref using (source, source_pk)
    join std.source_record as record using (source, source_pk)
    where identifier.id_type = 'email' and not coalesce(identifier.is_blocked, false)
)
select email_key, system, min(profile_id) as profile_id
from holder
group by email_key, system
having min(profile_id) = max(profile_id)
union all
select email_key, '', min(profile_id)
from holder
group by email_key
having min(profile_id) = max(profile_id)
