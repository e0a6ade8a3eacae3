-- May this person be contacted? Decided so:
-- 1. An objection (complaint, suppression, do-not-contact) wins for ever, and it belongs to the contact point:
--    it holds for every profile that has this e-mail or phone, blocked ones apart.
-- 2. Per contact point the latest dated statement counts; an undated one loses to a dated one; among equal
--    times the most restrictive.
-- 3. Across contact points the most restrictive counts: one denied is denied.
-- 4. `unknown` is the absence of a statement, not evidence: it takes nothing back and permits nothing, and
--    is the answer only where no source says granted or denied.
-- 5. A statement for the purpose `all` counts for each purpose known for that profile and channel.
-- reads:  gold.consent_event, gold.contact_point
-- writes: gold.consent
-- one row per: profile x channel x purpose
with objection as (
    -- one for each contact point: a phone shared by many with many objections must not multiply
    select *
    from gold.consent_event
    where is_objection
    qualify row_number() over (
        partition by channel, purpose, contact order by effective_at, source, source_pk, evidence
    ) = 1
),
statement as (
    select profile_id, channel, purpose, contact, source, source_pk, evidence, effective_at, is_objection,
        if(is_objection, 'denied', status) as status
    from gold.consent_event
    where profile_id is not null
    union all
    select point.profile_id, objection.channel, objection.purpose, objection.contact, objection.source,
        objection.source_pk, objection.evidence, objection.effective_at, true, 'denied'
    from objection
    join gold.contact_point as point
        on point.value = objection.contact and point.type in ('email', 'phone') and not point.is_blocked
    where objection.profile_id is distinct from point.profile_id
),
named_purpose as (
    select distinct profile_id, channel, purpose from statement where purpose <> 'all'
),
considered as (
    select * from statement
    union all
    select statement.* replace (named_purpose.purpose as purpose)
    from statement
    join named_purpose using (profile_id, channel)
    where statement.purpose = 'all'
),
latest as (
    select profile_id, channel, purpose, contact, max(effective_at) as effective_at
    from considered
    where status <> 'unknown'
    group by profile_id, channel, purpose, contact
),
timed as (
    select
        considered.*,
        considered.status <> 'unknown' and considered.effective_at is not distinct from latest.effective_at as is_latest
    from considered
    left join latest using (profile_id, channel, purpose, contact)
),
decided as (
    -- the deciding statement is the least, compared from left to right
    select
        profile_id, channel, purpose,
        min(struct_pack(
            is_no_objection := not is_objection,
            restriction := case status when 'denied' then 1 when 'granted' then 2 else 3 end,
            age := -epoch_us(effective_at),
            source := source, source_pk := source_pk, contact := contact, evidence := evidence,
            status := status, effective_at := effective_at
        )) filter (is_objection or is_latest or status = 'unknown') as deciding,
        count(*) as n_events,
        bool_or(is_latest and status = 'denied') and bool_or(is_latest and status = 'granted') as is_disputed
    from timed
    group by profile_id, channel, purpose
)
select
    profile_id,
    channel,
    purpose,
    deciding.status,
    deciding.effective_at,
    deciding.source as evidence_source,
    deciding.source_pk as evidence_source_pk,
    case
        when not deciding.is_no_objection then 'objection'
        when n_events = 1 then 'only_evidence'
        when is_disputed then 'most_restrictive'
        else 'latest_per_contact_point'
    end as rule,
    n_events
from decided
