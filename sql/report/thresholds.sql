-- reads:  match.candidate_pair
-- writes: nothing
-- one row per: run; the smallest match weight whose calibrated probability reaches each threshold
-- parameters: $link_threshold, $review_threshold (match probabilities)
select
    min(match_weight) filter (where match_probability >= $review_threshold) as review_weight,
    min(match_weight) filter (where match_probability >= $link_threshold) as link_weight
from match.candidate_pair
where stage = 'fuzzy';
