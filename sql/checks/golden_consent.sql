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
latest as (
    -- what each contact point says of a consent, in the end and ever
    select
        decided.profile_id, decided.channel, decided.purpose,
        arg_max(word.status, (coalesce(word.effective_at, timestamp '0001-01-01'), if(word.status = 'denied', 1, 0)))
            as status,
        bool_or(is_objection) as is_objected, bool_or(word.status = 'granted') as is_granted
    from word
    join gold.consent as decided
        on decided.profile_id = word.profile_id and decided.channel = word.channel
        and (decided.purpose = word.purpose or word.purpose = 'all')
    group by decided.profile_id, decided.channel, decided.purpose, contact
),
told as (
    select
        profile_id, channel, purpose, bool_or(status = 'denied' or is_objected) as is_denied,
        bool_or(is_granted) as is_granted
    from latest
    group by profile_id, channel, purpose
),
faulty as (
    select
        consent.profile_id || ' ' || consent.channel || ' ' || consent.purpose as key,
        consent.status <> 'denied' and told.is_denied as is_permissive,
        consent.status = 'granted' and not coalesce(told.is_granted, false) as is_unfounded
    from gold.consent as consent
    left join told using (profile_id, channel, purpose)
    where consent.status <> 'denied'
        and (told.is_denied or consent.status = 'granted' and not coalesce(told.is_granted, false))
),
permissive as (
    select key from faulty where is_permissive
),
unfounded as (
    select key from faulty where is_unfounded
),
undecided as (
    select distinct word.profile_id || ' ' || word.channel || ' ' || word.purpose as key
    from word
    anti join gold.consent using (profile_id, channel, purpose)
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
