-- Where every golden value comes from and what decided.
-- reads:  winner (by unify/winner), carried, before.field_lineage
-- writes: gold.field_lineage
-- one row per: profile x field group with a golden value
select
    profile_id,
    field_group,
    source as winning_source,
    source_pk as winning_source_pk,
    updated_at as winning_updated_at,
    rule,
    n_candidates,
    n_records,
    losing_values
from winner
union all by name
select * from before.field_lineage semi join carried using (profile_id)
