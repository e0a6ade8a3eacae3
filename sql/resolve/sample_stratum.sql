-- reads:  sampled_kind, steward.sample_item
-- writes: steward.sample_stratum
-- one row per: kind of automatic answer that the run gave
select
    stratum,
    starts_with(stratum, 'joined') as is_joined,
    pairs,
    coalesce(item.drawn, 0) as drawn
from sampled_kind
left join (select stratum, count(*) as drawn from steward.sample_item group by stratum) as item using (stratum)
