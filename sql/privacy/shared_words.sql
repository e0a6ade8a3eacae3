-- Those of the names and street lines that a record of somebody else has too.
-- reads:  std.name, std.address, erased_record, own_word (source is the kind, source_pk the text)
-- one row per: text
with others as (
    select 'name' as kind, lower(given_name || ' ' || family_name) as text
    from std.name anti join erased_record using (source, source_pk)
    union
    select 'reversed', lower(family_name || ', ' || given_name)
    from std.name anti join erased_record using (source, source_pk)
    union
    select 'address', lower(line1)
    from std.address anti join erased_record using (source, source_pk)
)
select own_word.source, own_word.source_pk
from own_word
join others on others.kind = own_word.source and others.text = own_word.source_pk
order by all
