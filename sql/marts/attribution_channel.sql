-- What each channel earned by each model: the credits of single conversions added up, beside Markov and Shapley.
-- reads:  mart.attribution_credit, mart.attribution_joint
-- writes: mart.attribution_channel
-- one row per: model x channel x currency
with credited as (
    select model, channel, currency, sum(credit) as conversions, sum(value) as value
    from mart.attribution_credit
    group by model, channel, currency
    union all
    select model, channel, currency, conversions, value from mart.attribution_joint
)
select
    *, conversions::double / nullif((sum(conversions) over (partition by model, currency))::double, 0) as share
from credited
