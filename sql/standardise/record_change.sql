-- reads: std.source_record, prior.source_record (of the last published run)
-- writes: std.record_change
-- one row per: record that is new, changed or withdrawn since the last published run
select
    coalesce(record.source, prior.source) as source,
    coalesce(record.source_pk, prior.source_pk) as source_pk,
    case
        when prior.source is null then 'new'
        when record.source is null then 'withdrawn'
        else 'changed'
    end as change
from (select source, source_pk, record_hash from std.source_record) as record
full join prior.source_record as prior
    on prior.source = record.source and prior.source_pk = record.source_pk
where prior.record_hash is distinct from record.record_hash
