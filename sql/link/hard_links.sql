-- Statements of a source that two records are one, both of them live.
-- reads numbered, std.hard_link
-- one row per unordered pair and rule
select
    least(a.record, b.record) as left_record,
    greatest(a.record, b.record) as right_record,
    min(l.rule) as rule
from std.hard_link as l
join numbered as a on a.source = l.source and a.source_pk = l.source_pk
join numbered as b on b.source = l.other_source and b.source_pk = l.other_pk
where a.record <> b.record
group by all
order by all
