-- reads:  identity.profile_xref, std.name, std.identifier, std.address
-- writes: nothing
-- one row per: combination that two profiles should hardly share
with names as (
    -- records, profiles and values by their hash: they are only counted
    select x.place, x.profile, hash(n.given_key, n.family_key) as name
    from (select hash(source, source_pk) as place, hash(profile_id) as profile from identity.profile_xref) as x
    join std.name as n on hash(n.source, n.source_pk) = x.place
    where n.is_person and n.given_key <> '' and n.family_key <> ''
),
combinations as (
    select 'name and ' || case i.id_type when 'email' then 'e-mail' else 'phone' end as combination,
        hash(i.id_type, n.name, i.id_match_key) as value, n.profile
    from names as n join std.identifier as i on hash(i.source, i.source_pk) = n.place
    where i.id_type in ('email', 'phone') and not coalesce(i.is_blocked, false)
    union all
    select 'name and address',
        hash(n.name, a.country_iso2, a.postal_key, a.street_key, a.house_number, a.unit), n.profile
    from names as n join std.address as a on hash(a.source, a.source_pk) = n.place
    where a.postal_key <> '' and a.street_key <> ''
),
spread as (
    select combination, min(profile) <> max(profile) as is_apart
    from combinations
    group by combination, value
)
select
    combination, count(*) as values, count(*) filter (where not is_apart) as in_one,
    count(*) filter (where is_apart) as in_several,
    count(*) filter (where is_apart) / nullif(count(*), 0) as share
from spread
group by combination
order by combination;
