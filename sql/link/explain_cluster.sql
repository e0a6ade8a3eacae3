-- Whether two records stand in one cluster.
-- reads match.cluster_member
-- one row
select count(distinct cluster_id) = 1 as together
from match.cluster_member
where (source = $source_a and source_pk = $pk_a)
   or (source = $source_b and source_pk = $pk_b)
