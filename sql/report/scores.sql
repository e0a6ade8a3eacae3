-- reads:  match.candidate_pair
-- writes: nothing
-- one row per: whole bit of match weight (below -20 and above 60 gathered) and outcome
select
    least(greatest(floor(match_weight), -20), 60)::integer as weight_from,
    count(*) filter (where outcome = 'link') as linked,
    count(*) filter (where outcome = 'review') as review,
    count(*) filter (where outcome = 'vetoed') as vetoed,
    count(*) filter (where outcome = 'no') as apart
from match.candidate_pair
where match_weight is not null
group by all
order by weight_from;
