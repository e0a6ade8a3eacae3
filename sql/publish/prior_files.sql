-- reads:  prior.file
-- writes: nothing
-- one row per: file whose rows the last published generation holds
select distinct source, sha256 from prior.file where status = 'landed' and source is not null order by all
