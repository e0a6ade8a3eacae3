-- reads:  numbered, prior.profile_xref
-- one row per: live record that is published in a profile
select numbered.record, published.profile_id
from numbered
join prior.profile_xref as published using (source, source_pk)
order by numbered.record
