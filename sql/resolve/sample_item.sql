-- The pairs of each kind with the lowest random numbers that were not reviewed yet.
-- reads:  sampled_kind, steward.opinion
-- writes: steward.sample_item
-- one row per: pair drawn for review
-- parameters: $wanted (pairs of each kind), $double_share
with lowest as (
    select stratum, unnest(lowest, recursive := true) from sampled_kind where $wanted > 0
),
named as (
    select
        'S' || left(sha256(concat_ws('|', 'sample', source_a || ':' || pk_a, source_b || ':' || pk_b)), 16) as item_id,
        lowest.*,
        (draw // 4096) % 1000 < $double_share * 1000 as is_double
    from lowest
),
answered as (
    select item_id, count(*) as n from steward.opinion group by item_id
),
waiting as (
    select named.*, answered.n is not null as is_begun
    from named
    left join answered using (item_id)
    where coalesce(answered.n, 0) < if(is_double, 2, 1)
)
select item_id, stratum, source_a, pk_a, source_b, pk_b, match_weight, comparison_vector, is_double
from waiting
qualify row_number() over (partition by stratum order by is_begun desc, draw, item_id) <= $wanted
