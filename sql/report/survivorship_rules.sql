-- reads:  gold.field_lineage
-- writes: nothing
-- one row per: field group and rule that decided
with counted as (
    select field_group, rule as rule, count(*) as profiles
    from gold.field_lineage
    group by field_group, rule
)
select field_group, rule, profiles, profiles / sum(profiles) over (partition by field_group) as share
from counted
order by field_group, profiles desc, rule;
