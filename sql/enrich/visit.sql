-- Which interactions belong to one visit. A visitor is a cookie or device, else a visit that the source numbers, else
-- the person named. Interactions of a visitor that name nobody are those of the one profile that its others name; of
-- a visitor with several profiles each keeps its own. A visit is what the source numbers as one; without a number, it
-- ends where a visitor does nothing for 30 minutes.
-- Visitors are compared by their 64-bit hash: two of ten million are taken for one once in half a million runs.
-- reads:  touch
-- writes: temp table visit
-- one row per: interaction with a time, on a site or in an app, of a known visitor
create or replace temp table visit as
with seen as (
    select
        rowid as touch_no, source, source_pk, occurred_at, profile_id, session_id,
        hash(source, coalesce(
            'visitor ' || visitor_id, 'visit ' || session_id, 'record ' || person_source || chr(31) || person_pk,
            'email ' || person_email
        )) as visitor
    from touch
    where occurred_at is not null
        and (channel in ('web', 'app') or session_id is not null or visitor_id is not null)
        and coalesce(visitor_id, session_id, person_source || person_pk, person_email) is not null
),
owner as (
    select visitor, min(profile_id) as profile_id, coalesce(min(profile_id) <> max(profile_id), false) as is_shared
    from seen
    group by visitor
),
owned as (
    select
        seen.touch_no, seen.source_pk, seen.occurred_at, seen.session_id is null as is_unnumbered,
        if(owner.is_shared, seen.profile_id, owner.profile_id) as owner_id,
        hash(seen.visitor, if(owner.is_shared, seen.profile_id, owner.profile_id), seen.session_id) as visit_key
    from seen
    join owner using (visitor)
),
paused as (
    select
        touch_no, owner_id, visit_key, occurred_at, source_pk, is_unnumbered,
        lag(occurred_at) over (partition by visit_key order by occurred_at, source_pk) as before
    from owned
),
begun as (
    select *, before is null or is_unnumbered and occurred_at > before + interval 30 minute as is_first from paused
)
select
    touch_no, owner_id, visit_key, is_first,
    sum(is_first::bigint) over (
        partition by visit_key order by occurred_at, source_pk rows unbounded preceding
    )::bigint as visit_number
from begun
