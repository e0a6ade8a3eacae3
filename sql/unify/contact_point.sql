-- Every e-mail, phone and address of every profile: none is survivored away, only the primary is chosen.
-- An address counts as a contact point when it names a street, a post box, a town or a postal code.
-- reads:  standing, member
-- writes: gold.contact_point
-- one row per: profile x type x value
with held as (
    select
        standing.field_group as type,
        standing.value_key as value,
        standing.profile_no,
        member.source,
        min(standing.place) as place,
        bool_or(standing.place = 1 and standing.is_eligible) as is_primary,
        min(member.first_at) as first_seen,
        max(member.updated_at) as last_seen,
        count(*) as n_records,
        bool_or(standing.is_blocked) as is_blocked,
        max(standing.completeness) as completeness
    from standing
    join member using (record_no)
    where standing.field_group in ('email', 'phone') or (standing.field_group = 'address' and standing.completeness > 1)
    group by standing.field_group, standing.value_key, standing.profile_no, member.source
),
point as (
    select
        type, value, profile_no,
        min(place) as place,
        bool_or(is_primary) as is_primary,
        min(first_seen) as first_seen,
        max(last_seen) as last_seen,
        list_sort(list(source)) as sources,
        sum(n_records) as n_records,
        bool_or(is_blocked) as is_blocked,
        max(completeness) as completeness
    from held
    group by type, value, profile_no
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
    point.is_primary,
    row_number() over (partition by point.profile_no, point.type order by point.place) as rank,
    point.first_seen,
    point.last_seen,
    point.sources,
    point.n_records,
    shared.value is not null as is_shared,
    point.is_blocked,
    if(point.completeness >= if(point.type = 'address', 5, 1), 'valid', 'doubtful') as validity
from point
join profile using (profile_no)
left join shared using (type, value)
