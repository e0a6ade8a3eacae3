-- Gives all records their numbers back.
-- reads everyone
-- writes numbered (temporary)
-- one row per live source record
create or replace temp table numbered as select * from everyone
