-- reads raw.file, std.row_disposition, std.source_record
-- writes nothing
-- one row: counts that must be 0; every landed row has exactly one disposition (P3)
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with landed_file as (
    select sha256, path, rows from raw.file where status = 'landed'
),
disposed as (
    select sha256, count(*) as dispositions from std.row_disposition group by sha256
),
crowded as (
    select hash(sha256, row_number) as place from std.row_disposition group by place having count(*) > 1
),
twice as (
    select sha256
    from std.row_disposition
    semi join crowded on crowded.place = hash(sha256, row_number)
    group by sha256, row_number
    having count(*) > 1
),
uneven as (
    select file.path as key
    from landed_file as file
    left join disposed using (sha256)
    where file.rows <> coalesce(disposed.dispositions, 0) or file.sha256 in (select sha256 from twice)
),
of_no_file as (
    select disposed.sha256 as key
    from disposed
    anti join landed_file using (sha256)
),
unknown_word as (
    select sha256 || ' row ' || row_number as key
    from std.row_disposition
    where disposition is null
        or disposition not in ('record', 'event', 'superseded', 'duplicate', 'deleted', 'rejected', 'erased')
),
keyless as (
    select sha256 || ' row ' || row_number as key
    from std.row_disposition
    where disposition not in ('rejected', 'erased') and coalesce(source_pk, '') = ''
),
without_version as (
    select fate.source || ' ' || fate.source_pk as key
    from std.row_disposition as fate
    anti join std.source_record as record
        on hash(record.source, record.source_pk) = hash(fate.source, fate.source_pk)
    where fate.disposition = 'record'
),
without_row as (
    select record.source || ' ' || record.source_pk as key
    from std.source_record as record
    anti join (select * from std.row_disposition where disposition = 'record') as fate
        on hash(record.source, record.source_pk, record.sha256, record.row_number)
        = hash(fate.source, fate.source_pk, fate.sha256, fate.row_number)
)
select
    (select count(*) from uneven) as files_with_undisposed_rows,
    (select min(key, 3) from uneven) as files_with_undisposed_rows_examples,
    (select count(*) from of_no_file) as dispositions_of_no_file,
    (select min(key, 3) from of_no_file) as dispositions_of_no_file_examples,
    (select count(*) from unknown_word) as unknown_dispositions,
    (select min(key, 3) from unknown_word) as unknown_dispositions_examples,
    (select count(*) from keyless) as kept_rows_without_key,
    (select min(key, 3) from keyless) as kept_rows_without_key_examples,
    (select count(*) from without_version) as record_rows_without_record,
    (select min(key, 3) from without_version) as record_rows_without_record_examples,
    (select count(*) from without_row) as records_without_row,
    (select min(key, 3) from without_row) as records_without_row_examples;
