-- reads: person
-- one row: a digest of what `told` takes from other source objects
-- parameters: $holder (as there)
-- by hand: set variable holder = 'zendesk_user'; and read getvariable('holder') for $holder
select count(*), bit_xor(md5_number((email, source_pk)::varchar))
from person
where source = $holder
