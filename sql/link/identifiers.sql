-- Identifiers that say something about a person: blocked values give neither blocks nor evidence.
-- reads numbered, std.identifier
-- one row per identifier, in order of id type, record and position (a match key may come again)
select
    record,
    id_type,
    id_match_key as value
from numbered
join std.identifier using (source, source_pk)
where not coalesce(is_blocked, false)
  and id_match_key is not null
order by id_type, record, position, id_match_key
