-- reads match.cluster_member
-- one row per record, in order of its key
select
    source, source_pk, cluster_id, count(*) over (partition by cluster_id) as records, link_method, link_probability
from match.cluster_member
order by source, source_pk
