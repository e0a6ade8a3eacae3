-- reads:  prior.model
-- writes: nothing
-- one row per: run; the matching model of the generation before
select parameters
from prior.model
order by model_version
limit 1;
