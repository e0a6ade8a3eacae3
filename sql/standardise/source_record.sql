-- reads: source_record, organisation
-- writes: std.source_record
-- one row per: live source record; the company of an organisation's id where the record names none itself
select
    record.* exclude (_company_id, _company_source) replace (
        coalesce(record.company, organisation.name) as company
    )
from source_record as record
left join organisation
    on organisation.source = record._company_source and organisation.source_pk = record._company_id
