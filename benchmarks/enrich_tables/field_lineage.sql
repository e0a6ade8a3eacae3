-- reads std.source_record, identity.profile_xref
-- one row per profile x field group
select
    profile_id, unnest(['name', 'address']) as field_group, arg_min(source, source_pk) as winning_source,
    min(source_pk) as winning_source_pk, 'recency' as rule
from identity.profile_xref
group by profile_id
