-- reads:  identity.profile_xref, std.name, std.identifier, std.address
-- writes: nothing
-- one row per: combination that two profiles should hardly share
with names as (
    select x.profile_id, x.source, x.source_pk, hash(n.given_key, n.family_key) as name
    from identity.profile_xref as x join std.name as n using (source, source_pk)
    where n.is_person and n.given_key <> '' and n.family_key <> ''
),
combinations as (
    -- values by their hash: they are only counted
    select 'name and ' || case i.id_type when 'email' then 'e-mail' else 'phone' end as combination,
        hash(i.id_type, n.name, i.id_match_key) as value, hash(n.profile_id) as profile
    from names as n join std.identifier as i using (source, source_pk)
    where i.id_type in ('email', 'phone') and not coalesce(i.is_blocked, false)
    union all
    select 'name and address',
        hash(n.name, a.country_iso2, a.postal_key, a.street_key, a.house_number, a.unit), hash(n.profile_id)
    from names as n join std.address as a using (source, source_pk)
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
