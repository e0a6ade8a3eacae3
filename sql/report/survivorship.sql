-- reads:  gold.field_lineage
-- writes: nothing
-- one row per: field group: how often profiles disagreed and what decided
select
    field_group, count(*) as profiles, count(*) filter (where n_candidates > 1) as conflicts,
    count(*) filter (where n_candidates > 1) / nullif(count(*), 0) as conflict_share
from gold.field_lineage
group by field_group
order by field_group;
