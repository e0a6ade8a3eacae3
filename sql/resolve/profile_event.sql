-- What happened to profiles in this generation, appended to what happened before.
-- reads:  prior.profile_event, prior.profile, identity.profile, record_move
-- writes: identity.profile_event
-- one row per: change of a profile
-- parameters: $number (generation), $run_id, $as_of, $actor (a person whose doing all of it is, else null)
with profile_cause as (
    -- a steward's word explains more than the data that moved beside it
    select
        profile_id,
        coalesce(min(cause) filter (cause = 'steward'), min(cause)) as cause,
        coalesce(min(actor) filter (cause = 'steward'), arg_min(actor, (cause, actor))) as actor
    from (
        select profile_id, cause, actor from record_move
        where not was_live or profile_id is distinct from last_profile_id
        union all
        select last_profile_id, cause, actor from record_move
        where was_live and profile_id is distinct from last_profile_id
    )
    group by profile_id
),
profile_change as (
    select
        case
            when before.profile_id is null and now.split_from is not null then 'split_from'
            when before.profile_id is null then 'created'
            when before.status = 'active' and now.status = 'merged' then 'merged_into'
            when before.status = 'active' and now.status = 'retired' then 'retired'
            when before.status <> 'active' and now.status = 'active' then 'reinstated'
        end as event_type,
        now.profile_id,
        case
            when before.profile_id is null then now.split_from
            when now.status = 'merged' then now.survivor_profile_id
            when now.status = 'active' then before.survivor_profile_id
        end as other_profile_id,
        null::varchar as source,
        null::varchar as source_pk,
        coalesce(profile_cause.cause, 'rule_or_model') as cause,
        coalesce(profile_cause.actor, 'pipeline') as actor
    from identity.profile as now
    left join prior.profile as before using (profile_id)
    left join profile_cause using (profile_id)
),
new_profile as (
    select profile_id from profile_change where event_type = 'created'
),
record_change as (
    -- records that made a profile by being created with it are told by its `created` event
    select
        'absorbed_record' as event_type,
        profile_id,
        nullif(last_profile_id, profile_id) as other_profile_id,
        source,
        source_pk,
        cause,
        actor
    from record_move
    where profile_id is not null
        and (not was_live or profile_id is distinct from last_profile_id)
        and profile_id not in (select profile_id from new_profile)
    union all
    select 'lost_record', last_profile_id, profile_id, source, source_pk, cause, actor
    from record_move
    where was_live and profile_id is distinct from last_profile_id
),
event as (
    select * from profile_change where event_type is not null
    union all
    select * from record_change
)
select
    event_id, run_number, event_type, profile_id, other_profile_id, source, source_pk, cause, actor, run_id, "at"
from prior.profile_event
union all
select
    left(sha256(concat_ws(
        '|', $number, event_type, profile_id, coalesce(other_profile_id, ''), coalesce(source, ''), coalesce(source_pk, '')
    )), 24) as event_id,
    $number as run_number,
    event_type,
    profile_id,
    other_profile_id,
    source,
    source_pk,
    if($actor is null, cause, 'steward') as cause,
    coalesce($actor, actor) as actor,
    $run_id as run_id,
    $as_of::timestamp as "at"
from event
