-- Values that records offer for a field group, and whether one of them is golden today.
-- reads:  wanted (source, source_pk), std.source_record, std.identifier, std.name, std.address, gold.field_lineage,
--         identity.profile_xref
-- one row per: record, value; value_key is null for names and addresses, of which a record has one that counts
-- parameters: $field
with offered as (
    select source, source_pk, id_type as field_group, id_value_norm as value_key from std.identifier
    where id_type in ('email', 'phone')
    union all
    select distinct source, source_pk, 'name', null from std.name
    union all
    select distinct source, source_pk, 'address', null from std.address
    union all
    select source, source_pk, 'birth_date', strftime(birth_date, '%Y-%m-%d') from std.source_record
    where birth_date is not null
    union all
    select source, source_pk, 'gender', gender from std.source_record where gender is not null
    union all
    select source, source_pk, 'company', lower(trim(company)) from std.source_record where trim(company) <> ''
)
select offered.source, offered.source_pk, offered.value_key, lineage.profile_id is not null as is_winner
from offered
semi join wanted using (source, source_pk)
join identity.profile_xref as xref using (source, source_pk)
left join gold.field_lineage as lineage
    on lineage.profile_id = xref.profile_id and lineage.field_group = offered.field_group
    and lineage.winning_source = offered.source and lineage.winning_source_pk = offered.source_pk
where offered.field_group = $field
order by is_winner desc, offered.source, offered.source_pk, offered.value_key
