-- A set of sources travels as bits, one for each source in order: united at once, and few different sets occur
-- (unify/listed writes one out).
-- reads:  identity.profile_xref
-- writes: temp table source_bit
-- one row per: source with live records
create or replace temp table source_bit as
select
    source,
    set_bit(repeat('0', (count(*) over ())::integer)::bit, row_number() over (order by source)::integer - 1, 1) as bit
from (select distinct source from identity.profile_xref)
