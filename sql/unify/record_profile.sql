-- The profile of every record that an event may name, also of records that are gone from their source.
-- A record that is not live (merged or converted there) is followed along the hard links, through other
-- records that are not live, to live ones. It gets a profile when all of those stand in one; when they
-- stand in several nobody can say whose event it is, and it gets none.
-- reads:  identity.profile_xref, std.hard_link
-- writes: temp table record_profile
-- one row per: record that leads to exactly one profile
create or replace temp table record_profile as
with recursive
link as (
    select source, source_pk, other_source, other_pk from std.hard_link
    union
    select other_source, other_pk, source, source_pk from std.hard_link
),
gone as (
    select distinct link.source, link.source_pk
    from link
    anti join identity.profile_xref as xref using (source, source_pk)
),
reached (source, source_pk, at_source, at_pk, profile_id) as (
    select source, source_pk, source, source_pk, null::varchar from gone
    union
    select reached.source, reached.source_pk, link.other_source, link.other_pk, xref.profile_id
    from reached
    join link on link.source = reached.at_source and link.source_pk = reached.at_pk
    left join identity.profile_xref as xref on xref.source = link.other_source and xref.source_pk = link.other_pk
    where reached.profile_id is null
)
select source, source_pk, profile_id, true as is_live from identity.profile_xref
union all
select source, source_pk, min(profile_id) as profile_id, false as is_live
from reached
where profile_id is not null
group by source, source_pk
having count(distinct profile_id) = 1
