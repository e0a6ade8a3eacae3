-- The share of conversions that each channel earns, by three models.
-- reads:  mart.attribution_channel
-- writes: nothing
-- one row per: channel x currency
select
    channel, currency,
    round(sum(conversions) filter (model = 'linear'))::bigint as conversions,
    coalesce(sum(share) filter (model = 'last'), 0) as last_share,
    coalesce(sum(share) filter (model = 'linear'), 0) as linear_share,
    coalesce(sum(share) filter (model = 'markov'), 0) as markov_share
from mart.attribution_channel
group by channel, currency
order by currency, linear_share desc, channel;
