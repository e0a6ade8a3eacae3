-- What the model saw in the pairs of the queue: equal evidence can be decided at one go.
-- reads:  steward.review_item, match.candidate_pair
-- one row per: case about one pair
with named as (
    select
        item_id, kind, why,
        split_part(records[1], ':', 1) as source_a, substr(records[1], strpos(records[1], ':') + 1) as pk_a,
        split_part(records[2], ':', 1) as source_b, substr(records[2], strpos(records[2], ':') + 1) as pk_b
    from steward.review_item
    where kind in ('pair', 'cap') and len(records) = 2
)
select named.item_id, concat_ws('|', named.kind, named.why, pair.rule_id, pair.comparison_vector) as evidence
from named
join match.candidate_pair as pair using (source_a, pk_a, source_b, pk_b)
