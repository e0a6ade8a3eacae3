-- reads: std.source_record, identity.profile_xref
-- one row per: record of the profile
-- parameters: $profile_id
select
    record.source, record.source_pk, xref.link_method, round(xref.link_score, 2) as link_score, xref.linked_since_run,
    record.full_name, record.birth_date, record.email_norm as email, record.phone_e164 as phone,
    record.address_line1, record.postal_code, record.city
from identity.profile_xref as xref
join std.source_record as record using (source, source_pk)
where xref.profile_id = $profile_id
order by record.source, record.source_pk
