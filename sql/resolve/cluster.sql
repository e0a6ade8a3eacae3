-- reads match.cluster_member, assigned, cluster_figures
-- writes match.cluster
-- one row per cluster
with member as (
    select
        cluster_id,
        count(*) as n_records,
        count(distinct source) as n_sources
    from match.cluster_member
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
join assigned using (cluster_id)
join cluster_figures using (cluster_id)
