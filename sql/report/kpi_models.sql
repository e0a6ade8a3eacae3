-- Whether predicted values have a model, and what to know about it.
-- reads:  mart.model
-- writes: nothing
-- one row per: model x currency
select model, currency, customers, is_fitted, coalesce(reason, '') as reason
from mart.model
order by model, currency;
