-- Paths of channels for the models that look at all paths together.
-- reads:  mart.attribution_path
-- writes: –
-- one row per: path x currency
select path, currency, conversions, value, losses
from mart.attribution_path
order by path, currency
