-- The records of which link found anything new or said otherwise.
-- reads:  numbered (by link/numbered), restated_number (record)
-- writes: temp table restated
-- one row per: record
create or replace temp table restated as
select source, source_pk from numbered semi join restated_number using (record)
