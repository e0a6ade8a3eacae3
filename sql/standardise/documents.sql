-- reads: version (position, key, run, file, row_number, content, filled, is_deleted)
-- one row per: delivered row of a source object whose documents have many rows, in the order of `position`
-- parameters: $kind (record or event), $full (absent from the latest delivery means withdrawn)
-- by hand: set variable kind = 'record'; set variable full = false; and read getvariable('kind') for $kind
--
-- The rows of one key in one file are one version of the document; its head is the row that fills the document's
-- own columns. The latest version replaces the older ones whole. Rows of the same delivery whose file holds no head
-- (an export cut into files) belong to the version that has one.
with document as (
    select
        key, run, file,
        max(filled) as filled,
        list(content order by content) as content
    from version
    where key >= 0
    group by key, run, file
),

placed as (
    select
        *,
        row_number() over latest as place,
        lag(content) over latest is distinct from content as is_change
    from document
    where filled > 0
    window latest as (partition by key order by run, file)
),

valid as (
    select
        key,
        max(place) filter (where is_change) as place,
        max(run) as latest_run
    from placed
    group by key
),

valid_document as (
    select placed.key, placed.run, placed.file, valid.latest_run
    from placed
    join valid on valid.key = placed.key and valid.place = placed.place
),

valid_content as (
    select distinct version.key, version.content
    from version
    join valid_document
        on valid_document.key = version.key and valid_document.run = version.run and valid_document.file = version.file
),

latest_delivery as (
    select max(run) as run from version
),

judged as (
    select
        version.position,
        version.key,
        valid_document.key is not null as has_head,
        document.filled > 0 as is_version,
        valid_document.run = version.run
        and (valid_document.file = version.file or document.filled = 0) as is_valid,
        $full and valid_document.latest_run < latest_delivery.run as is_withdrawn,
        valid_content.key is not null as is_known,
        row_number() over (
            partition by version.key, version.run, version.file
            order by version.filled desc, version.row_number, version.position
        ) = 1 and version.filled > 0 as is_head
    from version
    cross join latest_delivery
    left join valid_document on valid_document.key = version.key
    left join document
        on document.key = version.key and document.run = version.run and document.file = version.file
    left join valid_content on valid_content.key = version.key and valid_content.content = version.content
)

select
    case
        when key < 0 or not has_head then 'rejected'
        when is_valid and is_withdrawn then 'deleted'
        when is_valid and is_head then $kind
        when is_valid then 'event'
        when is_known then 'duplicate'
        else 'superseded'
    end as disposition,
    case
        when key < 0 then 'no_key'
        when not has_head then 'line_without_first_row'
        when is_valid and is_withdrawn then 'withdrawn'
        when is_valid and is_head then null
        when is_valid then 'further_line'
        when is_known then 'equal_version'
        else 'older_version'
    end as rule,
    coalesce(is_valid and is_head, false) as is_head
from judged
order by position
