-- reads landed (the landed rows of one source, every file of it)
-- writes nothing
-- one row per landed file: rows, physical lines they span, rows that begin inside an earlier one
with placed as (
    select
        _sha256 as sha256, _line_from, _line_to,
        max(_line_to) over (
            partition by _sha256 order by _line_from, _row rows between unbounded preceding and 1 preceding
        ) as reached
    from landed
)
select
    sha256, count(*) as landed_rows, sum(_line_to - _line_from + 1)::bigint as landed_lines,
    count(*) filter (_line_from > 0 and _line_from <= reached) as overlapping_rows
from placed
group by sha256
order by sha256;
