-- Who is credited with a conversion, by the models that share out one conversion at a time, along its path.
-- first, last, last_non_direct: all to one · linear: alike · position: 40/20/40 · time_decay: half for each half-life.
-- Shares are cut by running sums, so that credits sum to 1 and values to the order's net revenue, to the last digit.
-- The rows come in the order of their key: sorted before each becomes one for each model, in the models' order.
-- reads:  conversion_path
-- writes: mart.attribution_credit
-- one row per: conversion x touch x model, without those credited nothing
with in_order as (
    select * from conversion_path order by conversion_id, touchpoint_id
),
weighted as (
    -- of `total` parts `part` are this touch's, and `so_far` those of the path up to it
    select
        *, unnest([
            struct_pack(model := 'first', part := (position = 1)::bigint, so_far := 1::bigint, total := 1::bigint),
            struct_pack(model := 'last', part := (position = touches)::bigint, so_far := 1, total := 1),
            struct_pack(
                model := 'last_non_direct',
                part := if(named = 0, position = touches, channel <> 'direct' and named_so_far = named)::bigint,
                so_far := 1, total := 1
            ),
            struct_pack(model := 'linear', part := 1, so_far := position, total := touches),
            struct_pack(
                model := 'position',
                part := if(touches > 2 and position in (1, touches), 2 * (touches - 2), 1),
                so_far := case
                    when touches <= 2 then position
                    when position = touches then 5 * (touches - 2)
                    else 2 * (touches - 2) + position - 1
                end,
                total := if(touches > 2, 5 * (touches - 2), touches)
            ),
            struct_pack(model := 'time_decay', part := decayed, so_far := decayed_so_far, total := decayed_in_all)
        ], recursive := true)
    from in_order
)
select
    conversion_id, touchpoint_id, model, profile_id, channel, campaign, touched_at, converted_at, position, touches,
    if(
        part = total, 1000000, 1000000::hugeint * so_far // total - 1000000::hugeint * (so_far - part) // total
    )::decimal(9, 0) * 0.000001::decimal(7, 6) as credit,
    if(part = total, units, units * so_far // total - units * (so_far - part) // total)::decimal(18, 0)
        * 0.0001::decimal(5, 4) as value,
    currency
from weighted
where part > 0
