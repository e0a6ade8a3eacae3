-- reads gold.consent, gold.consent_event, gold.contact_point, gold.customer_360, std.consent_event
-- writes nothing
-- one row: counts that must be 0; consent is never more permissive than its evidence. Counted apart from how
-- unify decides: per contact point the latest dated word (an undated one is older than all), the stricter of
-- two of one time; one denied contact point denies; an objection denies for ever, in every profile that has
-- its contact point.
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with objection as (
    select channel, purpose, contact, max(effective_at) as effective_at
    from gold.consent_event
    where is_objection and contact <> ''
    group by channel, purpose, contact
),
word as not materialized (
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
decided as not materialized (
    select *, hash(profile_id, channel) as line, hash(profile_id, channel, purpose) as place from gold.consent
),
latest as (
    -- what each contact point says of a consent, in the end and ever: the latest moment, odd where it denies
    select
        any_value(decided.place) as place,
        max(
            2 * epoch_us(coalesce(word.effective_at, timestamp '0001-01-01')) + (word.status = 'denied')::bigint
        ) as moment,
        bool_or(is_objection) as is_objected, bool_or(word.status = 'granted') as is_granted
    from word
    join decided
        on decided.line = hash(word.profile_id, word.channel)
        and (decided.purpose = word.purpose or word.purpose = 'all')
    group by hash(decided.place, contact)
),
told as (
    select place, bool_or(moment & 1 = 1 or is_objected) as is_denied, bool_or(is_granted) as is_granted
    from latest
    group by place
),
faulty as (
    select
        decided.profile_id || ' ' || decided.channel || ' ' || decided.purpose as key,
        told.is_denied as is_permissive,
        decided.status = 'granted' and not coalesce(told.is_granted, false) as is_unfounded
    from decided
    left join told using (place)
    where decided.status <> 'denied'
        and (told.is_denied or decided.status = 'granted' and not coalesce(told.is_granted, false))
),
permissive as (
    select key from faulty where is_permissive
),
unfounded as (
    select key from faulty where is_unfounded
),
undecided as (
    select distinct profile_id || ' ' || channel || ' ' || purpose as key
    from word
    anti join decided on decided.place = hash(word.profile_id, word.channel, word.purpose)
),
shown as (
    select profile_id, 'email' as channel, consent_email as status from gold.customer_360
    union all
    select profile_id, 'sms', consent_sms from gold.customer_360
    union all
    select profile_id, 'phone', consent_phone from gold.customer_360
),
granted as (
    select line
    from decided
    where purpose in ('marketing', 'all')
    group by line
    having arg_max(status, purpose = 'marketing') = 'granted'
),
told_otherwise as (
    select profile_id || ' ' || channel as key
    from shown
    anti join granted on granted.line = hash(shown.profile_id, shown.channel)
    where status = 'granted'
),
said as not materialized (
    select source, source_pk, hash(source, source_pk, channel, purpose, coalesce(contact, ''), evidence) as place
    from std.consent_event
),
kept as not materialized (
    select source, hash(source, source_pk, channel, purpose, contact, evidence) as place from gold.consent_event
),
suspect as materialized (
    -- of the statements in 4096 parts, those whose sums differ between what sources said and what is kept of it
    select place % 4096 as part
    from (
        select place, 1 as side from said
        union all
        select place, -1 from kept where source <> 'privacy_request'
    )
    group by part
    having sum(place::hugeint * side) <> 0 or sum(side) <> 0
),
lost as (
    select source || ' ' || source_pk as key
    from (select * from said semi join suspect on suspect.part = place % 4096)
    anti join kept using (place)
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
