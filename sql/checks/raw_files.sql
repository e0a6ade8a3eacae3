-- reads raw.file, raw.rejected, raw.column, prior.file, prior.column, landed_lines
-- writes nothing
-- one row: counts that must be 0, and figures of this delivery (P1, P2, P3)
with rejected as (
    -- rows without a key were landed and are counted there
    select sha256, path, member, count(*) as rejected_rows
    from raw.rejected
    where rule not in ('no_key', 'line_without_first_row')
    group by sha256, path, member
),
landed_file as (
    select file.path as key, file.*, landed_lines.landed_rows, landed_lines.landed_lines,
        landed_lines.overlapping_rows, rejected.rejected_rows as rejected_found
    from raw.file as file
    left join landed_lines using (sha256)
    left join rejected using (sha256, path, member)
    where file.status = 'landed'
),
without_status as (
    select path as key from raw.file where status is null or status not in ('landed', 'refused', 'seen')
),
without_source as (
    select key from landed_file where source is null
),
without_reason as (
    select path as key from raw.file
    where status = 'refused' and (coalesce(rule, '') = '' or coalesce(reason, '') = '')
),
without_original as (
    select seen.path as key
    from raw.file as seen
    anti join (select sha256 from raw.file where status <> 'seen') as original using (sha256)
    where seen.status = 'seen'
),
uneven_lines as (
    select key from landed_file
    where lines is not null
        and lines <> coalesce(header_lines, 0) + coalesce(landed_lines, 0) + coalesce(rejected_lines, 0)
),
uneven_rows as (
    select key from landed_file
    where coalesce(rows, 0) <> coalesce(landed_rows, 0)
        or coalesce(rejected_rows, 0) <> coalesce(rejected_found, 0)
),
overlapping as (
    select key from landed_file where overlapping_rows > 0
),
lost_file as (
    select before.path as key
    from prior.file as before
    anti join raw.file as file on file.sha256 = before.sha256 and file.status = before.status
    where before.status = 'landed'
),
unexplained as (
    select path || ' row ' || row_number as key from raw.rejected
    where coalesce(rule, '') = '' or coalesce(detail, '') = ''
),
unread_source as (
    select source as key from raw.column group by source having count(mapped_to) = 0
),
lost_column as (
    select before.source || ' ' || before.column_name as key
    from prior.column as before
    left join raw.column as now
        on now.source = before.source and now.column_name = before.column_name and now.filled > 0
    where before.mapped_to is not null and before.filled > 0 and now.source is null
),
delivery as (
    -- titles, footers and blank lines are rejected lines, but no rows that anybody lost
    select
        coalesce(sum(rows), 0)::bigint as delivered_rows,
        (
            select count(*) from raw.rejected
            where first_run = $number and rule not in ('blank_line', 'blank_row', 'preamble', 'footer')
        ) as rejected_rows,
        count(*) filter (status = 'refused') as refused_files
    from raw.file
    where first_run = $number
)
select
    (select coalesce(sum(landed_rows), 0)::bigint from landed_file) as landed_rows,
    (select count(*) from without_status) as files_without_status,
    (select min(key, 3) from without_status) as files_without_status_examples,
    (select count(*) from without_source) as landed_files_without_source,
    (select min(key, 3) from without_source) as landed_files_without_source_examples,
    (select count(*) from without_reason) as refused_files_without_reason,
    (select min(key, 3) from without_reason) as refused_files_without_reason_examples,
    (select count(*) from without_original) as seen_files_without_original,
    (select min(key, 3) from without_original) as seen_files_without_original_examples,
    (select count(*) from uneven_lines) as files_with_unaccounted_lines,
    (select min(key, 3) from uneven_lines) as files_with_unaccounted_lines_examples,
    (select count(*) from uneven_rows) as files_with_unaccounted_rows,
    (select min(key, 3) from uneven_rows) as files_with_unaccounted_rows_examples,
    (select count(*) from overlapping) as files_with_overlapping_rows,
    (select min(key, 3) from overlapping) as files_with_overlapping_rows_examples,
    (select count(*) from lost_file) as files_lost,
    (select min(key, 3) from lost_file) as files_lost_examples,
    (select count(*) from unexplained) as rejected_rows_without_reason,
    (select min(key, 3) from unexplained) as rejected_rows_without_reason_examples,
    (select count(*) from unread_source) as sources_without_mapped_column,
    (select min(key, 3) from unread_source) as sources_without_mapped_column_examples,
    (select count(*) from lost_column) as mapped_columns_lost,
    (select min(key, 3) from lost_column) as mapped_columns_lost_examples,
    (select refused_files from delivery) as files_refused,
    (
        select coalesce(rejected_rows / nullif(delivered_rows + rejected_rows, 0), 0) from delivery
    ) as reject_share;
