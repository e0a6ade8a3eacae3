-- reads std.source_record
-- one row per record, in order of its key
select
    source, source_pk, given_name, middle_name, family_name, suffix, full_name, gender, birth_date, company,
    email_norm as email, phone_e164 as phone, house_number, street, unit, city, region, postal_code, country_iso2
from std.source_record
order by source, source_pk
