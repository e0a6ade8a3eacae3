-- reads gold.consent, gold.consent_event, gold.contact_point, gold.customer_360, std.consent_event
-- writes nothing
-- one row: counts that must be 0; consent is never more permissive than its evidence. Counted apart from how
-- unify decides: per contact point the latest dated word (an undated one is older than all), the stricter of
-- two of one time; one denied contact point denies; an objection denies for ever, in every profile that has
-- its contact point.
with objection as (
    select channel, purpose, contact, max(effective_at) as effective_at
    from gold.consent_event
    where is_objection and contact <> ''
    group by channel, purpose, contact
),
word as (
    select
        profile_id, channel, purpose, contact, is_objection, effective_at,
        case when is_objection or status = 'denied' then 'denied' else status end as status
    from gold.consent_event
    where profile_id is not null and (is_objection or status in ('granted', 'denied'))
    union all
    select
        point.profile_id, objection.channel, objection.purpose, objection.contact, true, objection.effective_at,
        'denied'
    from objection
    join gold.contact_point as point
        on point.value = objection.contact and point.type in ('email', 'phone') and not point.is_blocked
),
decided as (
    select distinct profile_id, channel, purpose from gold.consent
),
counting as (
    select word.* replace (decided.purpose as purpose)
    from word
    join decided
        on decided.profile_id = word.profile_id and decided.channel = word.channel
        and (decided.purpose = word.purpose or word.purpose = 'all')
),
latest as (
    select
        profile_id, channel, purpose, contact,
        arg_max(status, (coalesce(effective_at, timestamp '0001-01-01'), if(status = 'denied', 1, 0))) as status
    from counting
    group by profile_id, channel, purpose, contact
),
strictest as (
    select profile_id, channel, purpose, bool_or(status = 'denied') as is_denied
    from latest
    group by profile_id, channel, purpose
),
objected as (
    select distinct profile_id, channel, purpose from counting where is_objection
),
ever_granted as (
    select distinct profile_id, channel, purpose from counting where status = 'granted'
),
permissive as (
    select consent.profile_id || ' ' || consent.channel || ' ' || consent.purpose as key
    from gold.consent as consent
    left join strictest using (profile_id, channel, purpose)
    left join objected using (profile_id, channel, purpose)
    where consent.status <> 'denied' and (strictest.is_denied or objected.profile_id is not null)
),
unfounded as (
    select consent.profile_id || ' ' || consent.channel || ' ' || consent.purpose as key
    from gold.consent as consent
    anti join ever_granted using (profile_id, channel, purpose)
    where consent.status = 'granted'
),
undecided as (
    select distinct word.profile_id || ' ' || word.channel || ' ' || word.purpose as key
    from word
    anti join decided using (profile_id, channel, purpose)
),
shown as (
    select profile_id, 'email' as channel, consent_email as status from gold.customer_360
    union all
    select profile_id, 'sms', consent_sms from gold.customer_360
    union all
    select profile_id, 'phone', consent_phone from gold.customer_360
),
told_otherwise as (
    select shown.profile_id || ' ' || shown.channel as key
    from shown
    anti join (
        select profile_id, channel
        from gold.consent
        where purpose in ('marketing', 'all')
        group by profile_id, channel
        having arg_max(status, purpose = 'marketing') = 'granted'
    ) as granted using (profile_id, channel)
    where shown.status = 'granted'
),
lost as (
    select said.source || ' ' || said.source_pk as key
    from std.consent_event as said
    anti join gold.consent_event as kept
        on kept.source = said.source and kept.source_pk = said.source_pk and kept.channel = said.channel
        and kept.purpose = said.purpose and kept.contact = coalesce(said.contact, '')
        and kept.evidence is not distinct from said.evidence
)
select
    (select count(*) from permissive) as consents_too_permissive,
    (select min(key, 3) from permissive) as consents_too_permissive_examples,
    (select count(*) from unfounded) as consents_without_grant,
    (select min(key, 3) from unfounded) as consents_without_grant_examples,
    (select count(*) from undecided) as statements_without_consent,
    (select min(key, 3) from undecided) as statements_without_consent_examples,
    (select count(*) from told_otherwise) as customers_shown_as_consenting,
    (select min(key, 3) from told_otherwise) as customers_shown_as_consenting_examples,
    (select count(*) from lost) as consent_statements_lost,
    (select min(key, 3) from lost) as consent_statements_lost_examples;
