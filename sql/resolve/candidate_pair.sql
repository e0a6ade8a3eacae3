-- The pairs with what stewards said of them: it stands above rules and scores.
-- reads:  told_pair (as the model and the rules leave them), decided_pair
-- writes: match.candidate_pair
-- one row per: unordered pair of records
select
    told_pair.* replace (
        if(decided.rule is null, told_pair.stage, 'steward') as stage,
        case decided.rule when 'steward_same' then decided.rule when 'steward_not_same' then null
            else told_pair.rule_id end as rule_id,
        case decided.rule when 'steward_same' then 'link' when 'steward_not_same' then 'vetoed'
            else told_pair.outcome end as outcome,
        case decided.rule when 'steward_same' then null when 'steward_not_same' then decided.rule
            else told_pair.vetoed_by end as vetoed_by
    )
from told_pair
left join decided_pair as decided using (source_a, pk_a, source_b, pk_b)
union all by name
select
    source_a, pk_a, source_b, pk_b,
    'steward' as blocking_rule,
    'steward' as stage,
    if(rule = 'steward_same', rule, null) as rule_id,
    match_weight,
    match_probability,
    comparison_vector,
    if(rule = 'steward_same', 'link', 'vetoed') as outcome,
    if(rule = 'steward_same', null, rule) as vetoed_by
from decided_pair
anti join told_pair using (source_a, pk_a, source_b, pk_b)
