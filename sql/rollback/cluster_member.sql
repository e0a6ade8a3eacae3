-- The grouping of the generation one goes back to, as resolve would have written it.
-- reads:  back.profile_xref
-- writes: match.cluster_member (for the identity queries)
-- one row per: live record of that generation
select
    source,
    source_pk,
    dense_rank() over (order by profile_id) as cluster_id
from back.profile_xref
order by source, source_pk
