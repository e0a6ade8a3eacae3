-- reads:  identity.profile_xref, std.source_record, std.name, std.address, std.identifier, match.cluster
-- writes: nothing
-- one row per: sign that a profile holds more than one person
with placed as (
    -- records and profiles by their hash: they are only counted
    select hash(source, source_pk) as place, hash(profile_id) as profile from identity.profile_xref
),
sizes as (
    select profile, count(*) as records from placed group by profile
),
members as materialized (
    select place, profile from placed semi join (select profile from sizes where records > 1) using (profile)
),
names as (
    select
        m.profile, count(distinct n.given_key) as given_names, count(distinct n.family_key) as family_names
    from members as m join std.name as n on hash(n.source, n.source_pk) = m.place
    where n.is_person
    group by m.profile
    having count(*) > 3
),
births as (
    select m.profile, min(r.birth_date) <> max(r.birth_date) as differ
    from members as m join std.source_record as r on hash(r.source, r.source_pk) = m.place
    where r.birth_date is not null
    group by m.profile
),
places as (
    select m.profile, count(distinct a.postal_key) as postal_codes
    from members as m join std.address as a on hash(a.source, a.source_pk) = m.place
    group by m.profile
    having count(*) > 5
),
ids as (
    select m.profile, i.source, i.id_type
    from members as m join std.identifier as i on hash(i.source, i.source_pk) = m.place
    where i.id_type not in ('email', 'phone') and not coalesce(i.is_blocked, false)
    group by m.profile, i.source, i.id_type
    having min(i.id_match_key) <> max(i.id_match_key)
),
signs(position, sign, profiles) as (
    select 1, 'more than 3 given names', count(*) from names where given_names > 3
    union all select 2, 'more than 3 surnames', count(*) from names where family_names > 3
    union all select 3, 'more than 5 postal codes', count(*) from places where postal_codes > 5
    union all select 4, 'more than one birth date', count(*) from births where differ
    union all select 5, 'two ids of one type in one source', count(distinct profile) from ids
    union all select 6, 'held together by a single link (bridge)', count(distinct profile_id) from match.cluster where is_bridge
    union all select 7, 'with contradictions the model noted', count(distinct profile_id) from match.cluster
    where len(conflict_flags) > 0
)
select
    sign, profiles, profiles / nullif((select count(*) from sizes where records > 1), 0) as share
from signs
order by position;
