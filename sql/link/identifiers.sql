-- Identifiers that say something about a person: blocked values give neither blocks nor evidence.
-- reads numbered, std.identifier
-- one row per record, id type and match key, in order of record and position
select
    record,
    id_type,
    id_match_key as value
from numbered
join std.identifier using (source, source_pk)
where not coalesce(is_blocked, false)
  and id_match_key is not null
group by record, id_type, id_match_key
order by id_type, record, min(position), id_match_key
