-- reads gold.field_lineage
-- writes nothing
-- one row per field group and rule that decided
select field_group, rule, count(*) as profiles, count(*) / sum(count(*)) over (partition by field_group) as share
from gold.field_lineage
group by all
order by field_group, profiles desc, rule;
