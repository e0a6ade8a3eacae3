-- The profile each record belonged to last: live records by the last generation's xref, withdrawn ones by
-- the event that took them out (a withdrawal or a rollback), both carried over aliases to the id that lives on.
-- reads:  prior.profile_xref, prior.profile_event, prior.profile_alias
-- writes: temporary table last_home
-- one row per: record known to an earlier generation
create or replace temp table last_home as
with withdrawn as (
    select
        source,
        source_pk,
        arg_max(profile_id, (run_number, event_id)) as profile_id
    from prior.profile_event
    where event_type = 'lost_record' and cause <> 'erasure'
    group by source, source_pk
),
known as (
    select source, source_pk, profile_id, true as is_live from prior.profile_xref
    union all
    select source, source_pk, profile_id, false as is_live from withdrawn
    anti join prior.profile_xref using (source, source_pk)
)
select
    known.source,
    known.source_pk,
    coalesce(alias.current_profile_id, known.profile_id) as profile_id,
    known.is_live
from known
left join prior.profile_alias as alias on alias.old_profile_id = known.profile_id
