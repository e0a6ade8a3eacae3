-- reads:  match.scored_pair
-- writes: nothing
-- one row per: whole bit of match weight below the review threshold (below -20 gathered)
-- parameters: $review_threshold (match probability)
-- match.scored_pair is not published: this one runs on the run's folder only
select least(greatest(floor(match_weight), -20), 60)::integer as weight_from, count(*) as apart
from match.scored_pair
where rule_id is null and match_weight < log2($review_threshold / (1 - $review_threshold))
group by all
order by weight_from;
