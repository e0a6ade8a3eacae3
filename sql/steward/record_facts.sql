-- What the last generation knows of records.
-- reads:  wanted (source, source_pk), std.source_record, identity.profile_xref
-- one row per: wanted record that is there
select record.source, record.source_pk, record.record_hash, xref.profile_id
from std.source_record as record
semi join wanted using (source, source_pk)
left join identity.profile_xref as xref using (source, source_pk)
