-- reads match.cluster_member, identity.profile_xref, cluster_figures
-- writes match.cluster
-- one row per cluster
with member as (
    select
        cluster_id,
        min(profile_id) as profile_id,
        count(*) as n_records,
        count(distinct source) as n_sources
    from match.cluster_member
    join identity.profile_xref using (source, source_pk)
    group by cluster_id
)
select
    cluster_id,
    profile_id,
    n_records,
    n_sources,
    min_edge_probability,
    is_bridge,
    density,
    conflict_flags,
    confidence
from member
join cluster_figures using (cluster_id)
