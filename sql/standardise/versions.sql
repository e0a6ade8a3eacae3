-- reads: version (position, key, updated, run, file, row_number, content, is_deleted)
-- one row per: delivered row of a source object, in the order of `position`
-- parameters: $kind (record or event), $full (absent from the latest delivery means withdrawn), $latest (its run)
-- by hand: set variable kind = 'record'; set variable full = false; set variable latest = 1; and read
--   getvariable('kind') for $kind
--
-- The latest version of a key is valid; of the unbroken run of equal versions that ends with it, the first
-- delivered stands for all. Every other row is a duplicate (equal content) or superseded.
with placed as (
    select
        position, key, content, is_deleted, run,
        row_number() over latest as place,
        lag(content) over latest is distinct from content as is_change
    from version
    where key >= 0
    window latest as (partition by key order by updated nulls first, run, file, row_number, position)
),

last_of_key as (
    select
        key,
        max(place) filter (where is_change) as valid_place,
        arg_max(content, place) as valid_content,
        arg_max(is_deleted, place) as is_deleted,
        max(run) as latest_run
    from placed
    group by key
)

select
    case
        when placed.key is null then 'rejected'
        when placed.place = last_of_key.valid_place and last_of_key.is_deleted then 'deleted'
        when placed.place = last_of_key.valid_place and $full and last_of_key.latest_run < $latest
            then 'deleted'
        when placed.place = last_of_key.valid_place then $kind
        when placed.content = last_of_key.valid_content then 'duplicate'
        else 'superseded'
    end as disposition,
    case
        when placed.key is null then 'no_key'
        when placed.place <> last_of_key.valid_place and placed.content = last_of_key.valid_content then 'equal_version'
        when placed.place <> last_of_key.valid_place then 'older_version'
        when last_of_key.is_deleted then 'deleted_in_source'
        when $full and last_of_key.latest_run < $latest then 'withdrawn'
    end as rule,
    true as is_head
from version
left join placed on placed.position = version.position
left join last_of_key on last_of_key.key = placed.key
order by version.position
