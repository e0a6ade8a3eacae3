-- reads std.source_record, asked (temporary)
-- one row per: record asked for
select
    record.source, record.source_pk, record.full_name, record.birth_date, record.email_norm as email,
    record.phone_e164 as phone, record.address_line1, record.postal_code, record.city
from std.source_record as record
join asked using (source, source_pk)
order by record.source, record.source_pk
