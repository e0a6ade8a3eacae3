-- Texts by which the person could be told in free text: the whole name, e-mail and phone as delivered, the street line.
-- reads:  std.source_record, std.name, std.address, erased_record
-- one row per: kind x text
select 'email' as kind, lower(trim(email_raw)) as text
from std.source_record semi join erased_record using (source, source_pk)
where email_raw is not null
union
select 'phone', lower(trim(phone_raw))
from std.source_record semi join erased_record using (source, source_pk)
where phone_raw is not null
union
select 'name', lower(given_name || ' ' || family_name)
from std.name semi join erased_record using (source, source_pk)
where given_name || family_name is not null
union
select 'reversed', lower(family_name || ', ' || given_name)
from std.name semi join erased_record using (source, source_pk)
where given_name || family_name is not null
union
select 'address', lower(line1)
from std.address semi join erased_record using (source, source_pk)
where line1 is not null
order by all
