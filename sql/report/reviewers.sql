-- reads:  steward.decision, steward.opinion
-- writes: nothing
-- one row per: person who decided or reviewed
with said as (
    select decided_by as person, kind, state from steward.decision
),
decided as (
    select
        person, count(*) as decisions, count(*) filter (where kind = 'same') as same,
        count(*) filter (where kind = 'not_same') as not_same, count(*) filter (where kind = 'unsure') as unsure,
        count(*) filter (where kind = 'undo') as undone
    from said
    group by person
),
reviewed as (
    select reviewer as person, count(*) as reviews from steward.opinion group by reviewer
)
select
    person, coalesce(d.decisions, 0) as decisions, coalesce(d.same, 0) as same, coalesce(d.not_same, 0) as not_same,
    coalesce(d.unsure, 0) as unsure, coalesce(d.undone, 0) as undone, coalesce(r.reviews, 0) as reviews
from decided as d
full join reviewed as r using (person)
order by decisions desc, reviews desc, person
limit 50;
