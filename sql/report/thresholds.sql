-- reads:  match.candidate_pair
-- writes: nothing
-- one row per: run; whether probabilities are calibrated (not just the odds of the weight), and the smallest
--              match weight whose probability reaches each threshold
-- parameters: $link_threshold, $review_threshold (match probabilities)
select
    coalesce(max(abs(match_probability - 1 / (1 + 2 ** -match_weight))) > 0.001, false) as is_calibrated,
    min(match_weight) filter (where match_probability >= $review_threshold) as review_weight,
    min(match_weight) filter (where match_probability >= $link_threshold) as link_weight
from match.candidate_pair
where stage = 'fuzzy';
