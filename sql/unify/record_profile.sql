-- The profile of every record that an event may name, also of records that are gone from their source.
-- A gone record (merged or converted there) is followed along the hard links, through other gone records, to live
-- ones; a live record may also claim it. It gets a profile when all of those stand in one; when they stand in
-- several nobody can say whose event it is, and it gets none. Gone records are never followed backwards, so
-- that ten thousand records merged into one that is gone too cost ten thousand steps and not their square.
-- reads:  identity.profile_xref, std.hard_link
-- writes: temp table record_profile
-- one row per: record that leads to exactly one profile
create or replace temp table record_profile as
with recursive
gone as (
    select source, source_pk
    from (
        select source, source_pk from std.hard_link
        union
        select other_source, other_pk from std.hard_link
    )
    anti join identity.profile_xref as xref using (source, source_pk)
),
step as (
    select link.source, link.source_pk, link.other_source as to_source, link.other_pk as to_pk
    from std.hard_link as link
    semi join gone using (source, source_pk)
    union
    select link.other_source, link.other_pk, link.source, link.source_pk
    from std.hard_link as link
    semi join gone on gone.source = link.other_source and gone.source_pk = link.other_pk
    semi join identity.profile_xref as claimant
        on claimant.source = link.source and claimant.source_pk = link.source_pk
),
reached (source, source_pk, at_source, at_pk, profile_id) as (
    select source, source_pk, source, source_pk, null::varchar from gone
    union
    select reached.source, reached.source_pk, step.to_source, step.to_pk, xref.profile_id
    from reached
    join step on step.source = reached.at_source and step.source_pk = reached.at_pk
    left join identity.profile_xref as xref on xref.source = step.to_source and xref.source_pk = step.to_pk
    where reached.profile_id is null
)
select source, source_pk, profile_id, true as is_live from identity.profile_xref
union all
select source, source_pk, min(profile_id) as profile_id, false as is_live
from reached
where profile_id is not null
group by source, source_pk
having count(distinct profile_id) = 1
