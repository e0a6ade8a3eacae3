-- The grouping of the generation one goes back to.
-- reads:  back.profile_xref, assigned
-- writes: match.cluster_member (for the identity queries)
-- one row per: live record of that generation
create schema if not exists match;
create or replace table match.cluster_member as
select source, source_pk, assigned.cluster_id
from back.profile_xref
join assigned using (profile_id)
