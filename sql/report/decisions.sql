-- reads:  steward.decision
-- writes: nothing
-- one row per: kind of decision
select
    kind, count(*) as decisions, count(*) filter (where state = 'active') as active,
    count(*) filter (where state = 'stale') as stale,
    count(*) filter (where state in ('revoked', 'superseded')) as ended,
    count(*) filter (where effect = 'contradiction') as contradicting,
    count(*) filter (where effect = 'waiting') as waiting,
    count(*) filter (where kind in ('pin_value', 'exclude_value', 'correct_value') and state = 'stale') as stale_values
from steward.decision
group by kind
order by decisions desc, kind;
