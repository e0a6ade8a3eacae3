-- reads:  match.candidate_pair
-- writes: nothing
-- one row per: band of examples: how many pairs it stands for
-- parameters: $link_threshold, $review_threshold (match probabilities)
select
    case
        when outcome in ('vetoed', 'no') then 7
        when stage <> 'fuzzy' then 1
        when outcome = 'link' and match_probability >= (1 + $link_threshold) / 2 then 2
        when outcome = 'link' and match_probability >= $link_threshold then 3
        when outcome = 'link' then 4
        when match_probability >= ($link_threshold + $review_threshold) / 2 then 5
        else 6
    end as band,
    count(*) as pairs
from match.candidate_pair
where outcome <> 'no' or match_probability >= $review_threshold
group by all
order by band;
