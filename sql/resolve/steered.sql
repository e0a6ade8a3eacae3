-- Records whose profile may change because of people: decisions that took or lost effect since the last
-- generation, and identifier values that were blocked or unblocked.
-- reads:  steward.decision, prior.decision, std.blocked_value, prior.blocked_value, std.identifier, std.address,
--         prior.profile
-- writes: temporary table steered
-- one row per: record, cause
-- is_split: a blocked value takes records apart, an unblocked one brings them together; null for a steward's word
create or replace temp table steered as
with now as (
    select * from steward.decision where effect = 'applied'
),
before as (
    select * from prior.decision where effect = 'applied'
),
changed as (
    select number, records, decided_by as actor
    from now
    anti join before using (number)
    where kind in ('same', 'not_same', 'split')
    union all
    select before.number, before.records, coalesce(entry.ended_by, entry.decided_by, before.decided_by) as actor
    from before
    anti join now using (number)
    left join steward.decision as entry using (number)
    where before.kind in ('same', 'not_same', 'split')
),
named as (
    select unnest(records) as record, actor from changed
),
told as (
    select
        split_part(record, ':', 1) as source,
        substr(record, strpos(record, ':') + 1) as source_pk,
        string_agg(distinct actor, ', ' order by actor) as actor
    from named
    group by record
),
turned as (
    select id_type, id_value, true as is_split
    from std.blocked_value
    anti join prior.blocked_value using (id_type, id_value)
    union all
    select id_type, id_value, false as is_split
    from prior.blocked_value
    anti join std.blocked_value using (id_type, id_value)
),
word as (
    -- whose word turned a value: the decision about it that began or ended to hold
    select field as id_type, value as id_value, string_agg(distinct actor, ', ' order by actor) as actor
    from (
        select number, field, value, decided_by as actor from now anti join before using (number)
        union all
        select before.number, before.field, before.value, coalesce(entry.ended_by, entry.decided_by, before.decided_by)
        from before
        anti join now using (number)
        left join steward.decision as entry using (number)
    )
    where value is not null
    group by field, value
),
holder as (
    select source, source_pk, turned.is_split, word.actor
    from turned
    left join word using (id_type, id_value)
    join std.identifier as identifier
        on identifier.id_type = turned.id_type and identifier.id_match_key = turned.id_value
    union all
    select source, source_pk, turned.is_split, word.actor
    from turned
    left join word using (id_type, id_value)
    join std.address as address on turned.id_type = 'address' and address.address_key = turned.id_value
)
select source, source_pk, 'steward' as cause, null::boolean as is_split, actor from told
union all
select source, source_pk, 'blocked_value', is_split, min(coalesce(actor, 'pipeline'))
from holder
where exists (from prior.profile)
group by source, source_pk, is_split
