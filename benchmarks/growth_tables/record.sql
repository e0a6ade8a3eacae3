-- People of households, and the records that systems hold of them: everything follows from hashes of numbers.
-- reads size (people)
-- writes record (temporary)
-- one row per record
create or replace macro chance(number, salt) as (hash(number, salt) % 1000003) / 1000003.0;
create or replace macro pick(number, salt, most) as floor(exp(chance(number, salt) * ln(most)))::bigint;
create or replace macro syllable(number) as
    substr('bcdfghjklmnprstvwz', 1 + (number % 18)::integer, 1) || substr('aeiouy', 1 + (number // 18 % 6)::integer, 1);
create or replace macro word(number, salt) as
    syllable(hash(number, salt) % 108) || syllable(hash(number, salt) // 108 % 108) || syllable(hash(number, salt) // 11664 % 108);
create or replace macro slip(text, number, salt) as
    case
        when text is null or chance(number, salt) > 0.04 or length(text) < 4 then text
        else overlay_one(text, 2 + (hash(number, salt, 1) % (length(text) - 2)::bigint)::integer, hash(number, salt, 2))
    end;
create or replace macro overlay_one(text, place, number) as
    substr(text, 1, place - 1) || substr('abcdefghijklmnopqrstuvwxyz', 1 + (number % 26)::integer, 1) || substr(text, place + 1);
create or replace temp table person as
select
    person,
    person // 2 as household,
    word(pick(person, 1, 3000), 'given') as given,
    case when chance(person, 2) < 0.7 then word(pick(person // 2, 3, 60000), 'family') else word(pick(person, 4, 60000), 'family') end
        as family,
    1930 + floor(chance(person, 5) * 75)::integer as birth_year,
    1 + floor(chance(person, 6) * 12)::integer as birth_month,
    1 + floor(chance(person, 7) * 28)::integer as birth_day,
    (hash(person, 8) % 1000)::varchar as suffix,
    'mail' || (hash(person, 9) % 12)::varchar || '.com' as domain,
    '+1' || (2000000000 + hash(person, 10) % 7999999999)::varchar as phone,
    (1 + hash(person // 2, 11) % 900)::varchar as house,
    word(hash(person // 2, 12) % 40000, 'street') || ' street' as street,
    (10000 + hash(person // 2, 13) % 30000)::varchar as postal,
    word((10000 + hash(person // 2, 13) % 30000) // 4, 'city') as city
from range((select people from size)) as numbers(person);
create or replace temp table record as
select
    row_number() over (order by person, copy) as record,
    'system' || (copy % 4)::varchar as source,
    lpad((person * 8 + copy)::varchar, 12, '0') as source_pk,
    person.*
from person, range(8) as copies(copy)
where copy < 1 + hash(person, 14) % 4
