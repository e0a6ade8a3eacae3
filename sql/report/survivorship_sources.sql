-- reads gold.field_lineage
-- writes nothing
-- one row per field group and source whose value won
select
    field_group, winning_source as source, count(*) as profiles,
    count(*) / sum(count(*)) over (partition by field_group) as share
from gold.field_lineage
group by all
order by field_group, profiles desc, source;
