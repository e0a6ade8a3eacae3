-- reads: organisation
-- one row: a digest of what `source_record` takes from other source objects
select count(*), bit_xor(md5_number((source, source_pk, name)::varchar))
from organisation
