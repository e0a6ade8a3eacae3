-- Every e-mail, phone and address of every profile: none is survivored away, only the primary is chosen.
-- reads:  standing, member, source_bit, carried, before.contact_point
-- writes: gold.contact_point
-- one row per: profile x type x value
with profile as (
    select profile_no, any_value(profile_id) as profile_id from member group by profile_no
),
point as (
    select
        profile.profile_id,
        standing.field_group as type,
        standing.value_key as value,
        standing.place = 1 and not standing.best.is_ineligible as is_primary,
        standing.contact_place as rank,
        standing.first_seen,
        standing.last_seen,
        listed((select list(source order by source) from source_bit), standing.source_bits) as sources,
        standing.n_records,
        standing.is_blocked,
        if(standing.completeness >= if(standing.field_group = 'address', 5, 1), 'valid', 'doubtful') as validity
    from standing
    join profile using (profile_no)
    where standing.is_contact
    union all by name
    select * exclude (is_shared) from before.contact_point semi join carried using (profile_id)
),
shared as (
    select type, value from point group by type, value having count(*) > 1
)
select point.*, shared.value is not null as is_shared
from point
left join shared using (type, value)
