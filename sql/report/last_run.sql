-- reads:  prior.run
-- writes: nothing
-- one row per: run; the last published run, which this one is compared with
select run_number, run_id, published_at, verdict, config_hash, model_version
from prior.run
order by run_number desc
limit 1;
