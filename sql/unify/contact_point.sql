-- Every e-mail, phone and address of every profile: none is survivored away, only the primary is chosen.
-- reads:  standing, member, source_bit
-- writes: gold.contact_point
-- one row per: profile x type x value
with point as (
    select *, field_group as type, value_key as value from standing where is_contact
),
profile as (
    select profile_no, any_value(profile_id) as profile_id from member group by profile_no
),
shared as (
    select type, value from point group by type, value having count(*) > 1
)
select
    profile.profile_id,
    point.type,
    point.value,
    point.place = 1 and not point.best.is_ineligible as is_primary,
    point.contact_place as rank,
    point.first_seen,
    point.last_seen,
    listed((select list(source order by source) from source_bit), point.source_bits) as sources,
    point.n_records,
    shared.value is not null as is_shared,
    point.is_blocked,
    if(point.completeness >= if(point.type = 'address', 5, 1), 'valid', 'doubtful') as validity
from point
join profile using (profile_no)
left join shared using (type, value)
