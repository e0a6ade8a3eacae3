-- reads std.source_record
-- one row per record
select source, source_pk, 'P' || lpad((source_pk::bigint * 2 // 5)::varchar, 9, '0') as profile_id, 'fuzzy' as link_method
from std.source_record
