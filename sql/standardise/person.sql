-- reads: std.identifier
-- writes: person
-- one row per: source object and e-mail that exactly one of its records holds
create or replace temp table person as
select source, id_match_key as email, min(source_pk) as source_pk
from std.identifier
where id_type = 'email' and not is_blocked
group by source, id_match_key
having min(source_pk) = max(source_pk)
