-- How many records and profiles hold an identifier value or live at an address.
-- reads:  std.identifier, std.address, identity.profile_xref
-- one row
-- parameters: $id_type, $id_value
with holder as (
    select source, source_pk from std.identifier where id_type = $id_type and id_match_key = $id_value
    union
    select source, source_pk from std.address where $id_type = 'address' and address_key = $id_value
)
select count(*) as n_records, count(distinct profile_id) as n_profiles
from holder
left join identity.profile_xref using (source, source_pk)
