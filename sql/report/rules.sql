-- reads:  match.candidate_pair, identity.profile_xref, ops.run_metric
-- writes: nothing
-- one row per: rule (or score), also those that join nothing
-- parameters: $number (generation)
with pairs as (
    select
        case when stage = 'fuzzy' then 'fuzzy' when stage = 'steward' then coalesce(rule_id, 'steward')
            else coalesce(rule_id, stage) end as rule,
        count(*) as pairs,
        count(*) filter (where outcome = 'link') as linked,
        count(*) filter (where outcome = 'review') as review,
        count(*) filter (where outcome = 'vetoed') as vetoed
    from match.candidate_pair
    group by all
),
holds as (
    select
        link_method as rule, count(*) as records, count(distinct profile_id) as profiles,
        count(*) filter (where linked_since_run = $number) as new_records
    from identity.profile_xref
    where link_method <> 'single'
    group by link_method
),
known as (
    select label as rule from ops.run_metric where stage = 'link' and name = 'rule_pairs'
)
select
    rule, coalesce(pairs, 0) as pairs, coalesce(linked, 0) as linked, coalesce(review, 0) as review,
    coalesce(vetoed, 0) as vetoed, coalesce(records, 0) as records, coalesce(profiles, 0) as profiles,
    coalesce(new_records, 0) as new_records
from pairs full join holds using (rule) full join known using (rule)
order by records desc, pairs desc, rule;
