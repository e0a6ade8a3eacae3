-- Numbers some of the records anew, so that only those are read and encoded.
-- reads numbered, changed (record: its number)
-- writes numbered (temporary), everyone (temporary): all of them
-- one row per changed record, in order of its key
create or replace temp table everyone as select * from numbered;
create or replace temp table numbered as
select
    (row_number() over (order by record) - 1)::integer as record,
    source,
    source_pk
from everyone
semi join changed using (record)
