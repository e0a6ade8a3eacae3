-- reads:  wanted (source, source_pk), memory.review.pair_end, match.candidate_pair
-- one row per: pair among the wanted records that was compared and is not plainly two people
select
    pair.source_a, pair.pk_a, pair.source_b, pair.pk_b, pair.rule_id, pair.blocking_rule, pair.stage, pair.match_weight,
    pair.match_probability, pair.comparison_vector, pair.outcome, pair.vetoed_by
from match.candidate_pair as pair
join (
    select distinct pair_end.place
    from memory.review.pair_end as pair_end
    join wanted on pair_end.h = hash(wanted.source, wanted.source_pk)
) as spot on pair.rowid = spot.place
semi join wanted as one on one.source = pair.source_a and one.source_pk = pair.pk_a
semi join wanted as other on other.source = pair.source_b and other.source_pk = pair.pk_b
order by pair.match_weight desc, pair.source_a, pair.pk_a, pair.source_b, pair.pk_b
