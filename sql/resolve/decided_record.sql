-- The records that decisions name, as far as they are there.
-- reads:  steward.log_record, numbered, std.source_record, prior.profile_xref
-- one row per: live record that a decision names
-- profile_id is the profile it is published in, null when none
select
    numbered.record,
    numbered.source,
    numbered.source_pk,
    content.record_hash,
    published.profile_id
from (select distinct source, source_pk from steward.log_record where source is not null) as named
join numbered using (source, source_pk)
join std.source_record as content using (source, source_pk)
left join prior.profile_xref as published using (source, source_pk)
order by numbered.record
