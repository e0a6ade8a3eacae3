-- reads:  match.model, std.source_record
-- writes: nothing
-- one row per: run; the matching model of this run
select
    model_version, em_iterations, em_converged, prior_match_probability, pairs_scored, parameters,
    estimated_run, estimated_records,
    (select count(*) from std.source_record) as records
from match.model
order by model_version
limit 1;
