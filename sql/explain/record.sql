-- reads: std.source_record, identity.profile_xref
-- one row per: the record asked for
-- parameters: $source, $source_pk
select
    record.source, record.source_pk, xref.profile_id, record.full_name, record.birth_date, record.email_norm as email,
    record.phone_e164 as phone, record.address_line1, record.postal_code, record.city, record.source_updated_at,
    xref.link_method, xref.link_score
from std.source_record as record
join identity.profile_xref as xref using (source, source_pk)
where record.source = $source and record.source_pk = $source_pk
