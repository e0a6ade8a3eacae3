-- reads: raw.file
-- one row per: source object with landed files
select distinct source from raw.file where status = 'landed' order by source
