-- reads:  prior.run
-- writes: nothing
-- one row per: run; the last published run, which this one is compared with
select
    last_.run_number, last_.run_id, last_.published_at, last_.verdict, last_.config_hash, last_.model_version,
    coalesce(origin.run_id, last_.run_id) as tables_of -- after a rollback the run whose tables these are again
from prior.run as last_
left join prior.run as origin on origin.run_number = last_.rolled_back_to
order by last_.run_number desc
limit 1;
