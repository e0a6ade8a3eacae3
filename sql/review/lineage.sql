-- reads:  wanted_profile (profile_id), gold.field_lineage
-- one row per: field group of a wanted profile
select
    field_group, winning_source, winning_source_pk, winning_updated_at, rule, n_candidates, n_records, losing_values
from gold.field_lineage
semi join wanted_profile using (profile_id)
order by field_group
