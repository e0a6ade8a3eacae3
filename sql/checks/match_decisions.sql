-- reads steward.decision, steward.review_item, identity.profile_xref, std.source_record, std.blocked_value
-- writes nothing
-- one row: counts that must be 0; what stewards decided holds (P14). Decisions that contradict each other are
-- not followed, but each of them stands in the queue.
with held as (
    select decision_id, kind, unnest(records) as record, unnest(parts) as part
    from steward.decision
    where state in ('active', 'stale') and effect = 'applied' and kind in ('same', 'not_same', 'split')
),
placed as (
    select held.decision_id, held.kind, held.part, xref.profile_id
    from held
    join identity.profile_xref as xref
        on xref.source = split_part(held.record, ':', 1)
        and xref.source_pk = substr(held.record, strpos(held.record, ':') + 1)
),
violated as (
    select distinct one.decision_id as key
    from placed as one
    join placed as other
        on other.decision_id = one.decision_id and other.part > one.part and other.profile_id = one.profile_id
    where one.kind in ('not_same', 'split')
),
broken as (
    select decision_id as key from placed where kind = 'same' group by decision_id having count(distinct profile_id) > 1
),
divided as (
    select decision_id as key from placed where kind = 'split' and part > 0
    group by decision_id, part having count(distinct profile_id) > 1
),
without_effect as (
    select decision_id as key from steward.decision
    where (state in ('active', 'stale') and kind <> 'undo') <> (effect is not null)
),
forgotten as (
    select decision_id as key from steward.decision as decision
    where effect = 'contradiction'
        and not exists (
            select 1 from steward.review_item as item
            where item.kind = 'contradiction' and list_contains(item.decisions, decision.decision_id)
        )
),
unblocked as (
    select decision.decision_id as key
    from steward.decision as decision
    anti join std.blocked_value as blocked
        on blocked.id_type = decision.field and blocked.id_value = decision.value
    where decision.kind = 'block_value' and decision.effect = 'applied' and decision.value is not null
)
select
    (select count(*) from violated) as not_same_violated,
    (select min(key, 3) from violated) as not_same_violated_examples,
    (select count(*) from broken) as same_not_held,
    (select min(key, 3) from broken) as same_not_held_examples,
    (select count(*) from divided) as split_parts_divided,
    (select min(key, 3) from divided) as split_parts_divided_examples,
    (select count(*) from without_effect) as decisions_without_effect,
    (select min(key, 3) from without_effect) as decisions_without_effect_examples,
    (select count(*) from forgotten) as contradictions_not_in_queue,
    (select min(key, 3) from forgotten) as contradictions_not_in_queue_examples,
    (select count(*) from unblocked) as blocked_values_not_blocked,
    (select min(key, 3) from unblocked) as blocked_values_not_blocked_examples;
