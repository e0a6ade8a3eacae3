-- Whether two records stand in one profile.
-- reads identity.profile_xref
-- one row
select count(distinct profile_id) = 1 as together
from identity.profile_xref
where (source = $source_a and source_pk = $pk_a)
   or (source = $source_b and source_pk = $pk_b)
