-- reads:  match.candidate_pair, std.source_record, std.identifier
-- writes: nothing
-- one row per: reason why records were left apart
with strong as (
    select distinct hash(source, source_pk) as place from std.identifier where is_valid and not coalesce(is_blocked, false)
)
select 'pair kept apart: ' || coalesce(vetoed_by, 'constraint') as reason, count(*) as n
from match.candidate_pair
where outcome = 'vetoed'
group by vetoed_by
union all
select 'pair waiting for a person', count(*) from match.candidate_pair where outcome = 'review'
union all
select 'record without a usable e-mail, phone or id', count(*)
from std.source_record anti join strong on strong.place = hash(source, source_pk)
order by n desc, reason;
