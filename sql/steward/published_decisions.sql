-- reads:  steward.decision
-- one row per: decision as the last generation was published with it
select number, effect, since_run, chain_hash from steward.decision order by number
