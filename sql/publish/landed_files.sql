-- reads: raw.file
-- one row per: landed file of a source object
-- parameters: $source
select distinct sha256 from raw.file where status = 'landed' and source = $source order by sha256
