-- reads:  gold.field_lineage
-- writes: nothing
-- one row per: field group and source whose value won
with counted as (
    select field_group, winning_source as source, count(*) as profiles
    from gold.field_lineage
    group by field_group, winning_source
)
select field_group, source, profiles, profiles / sum(profiles) over (partition by field_group) as share
from counted
order by field_group, profiles desc, source;
