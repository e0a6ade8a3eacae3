-- reads std.source_record, std.address, std.identifier
-- writes nothing
-- one row: over all rows, the values that the row-level suites look at in large tables only by sample;
-- shares are of the records that hold such a value, 1 or 0 where there is none
with bad_phone as (
    select source || ' ' || source_pk as key from std.source_record
    where phone_e164 is not null and not regexp_full_match(phone_e164, '\+[1-9]\d{6,14}')
),
bad_email as (
    select source || ' ' || source_pk as key from std.source_record
    where email_norm is not null and not regexp_full_match(email_norm, '[^@\s]+@[^@\s]+')
),
bad_country as (
    select source || ' ' || source_pk as key from std.source_record
    where country_iso2 is not null and not list_contains($countries, country_iso2)
    union all
    select source || ' ' || source_pk from std.address
    where country_iso2 is not null and not list_contains($countries, country_iso2)
),
bad_birth as (
    select source || ' ' || source_pk as key from std.source_record
    where birth_year not between 1700 and $year
),
record as (
    select
        count(email_raw) as emails, count(email_raw) filter (email_norm is null) as emails_invalid,
        count(phone_raw) as phones, count(phone_raw) filter (phone_e164 is null) as phones_invalid,
        count(birth_date) as births,
        count(*) filter (birth_date in (date '1900-01-01', date '1970-01-01')) as births_of_a_default,
        count(*) filter (month(birth_date) = 1 and day(birth_date) = 1) as births_on_january_first
    from std.source_record
),
held as (
    select id_type, id_match_key, count(*) as n_records
    from std.identifier
    where not coalesce(is_blocked, false) and id_type in ('email', 'phone')
    group by id_type, id_match_key
),
top_value as (
    -- of a few records any value is a large share: says something from 20,000 holders on
    select id_type, if(sum(n_records) >= 20000, max(n_records) / sum(n_records), 0) as top_share
    from held
    group by id_type
)
select
    (select count(*) from bad_phone) as bad_phones,
    (select min(key, 3) from bad_phone) as bad_phones_examples,
    (select count(*) from bad_email) as bad_emails,
    (select min(key, 3) from bad_email) as bad_emails_examples,
    (select count(*) from bad_country) as bad_countries,
    (select min(key, 3) from bad_country) as bad_countries_examples,
    (select count(*) from bad_birth) as bad_birth_years,
    (select min(key, 3) from bad_birth) as bad_birth_years_examples,
    1 - coalesce(emails_invalid / nullif(emails, 0), 0) as email_valid_share,
    1 - coalesce(phones_invalid / nullif(phones, 0), 0) as phone_valid_share,
    coalesce(births_of_a_default / nullif(births, 0), 0) as default_birth_date_share,
    if(births >= 1000, births_on_january_first / births, 0) as january_first_share,
    coalesce((select top_share from top_value where id_type = 'email'), 0) as top_email_share,
    coalesce((select top_share from top_value where id_type = 'phone'), 0) as top_phone_share
from record;
