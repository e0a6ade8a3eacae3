-- reads: gold.field_lineage
-- one row per: field group of the profile
-- parameters: $profile_id
select field_group, winning_source, winning_source_pk, winning_updated_at, rule, n_candidates, losing_values
from gold.field_lineage
where profile_id = $profile_id
order by field_group
