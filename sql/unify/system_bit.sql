-- The same for systems.
-- reads:  std.source_record
-- writes: temp table system_bit
-- one row per: system with records
create or replace temp table system_bit as
select
    system,
    set_bit(repeat('0', (count(*) over ())::integer)::bit, row_number() over (order by system)::integer - 1, 1) as bit
from (select distinct system from std.source_record where system is not null)
