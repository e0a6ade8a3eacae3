-- reads: source_record (of one source object), company (the organisations that they name by key), organisation
-- writes: std.source_record
-- one row per: live source record; the company of an organisation's id where the record names none itself
select
    record.* replace (coalesce(record.company, organisation.name) as company)
from source_record as record
left join company using (source, source_pk)
left join organisation
    on organisation.source = company._company_source and organisation.source_pk = company._company_id
