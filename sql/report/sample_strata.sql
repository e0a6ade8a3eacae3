-- reads:  steward.sample_stratum
-- one row per: kind of automatic answer
select stratum, is_joined, pairs, drawn from steward.sample_stratum order by is_joined desc, stratum;
