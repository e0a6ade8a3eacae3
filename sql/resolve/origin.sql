-- For records that came to their profile when another was merged into it: the profile they came with, the
-- first one where several were merged on the way. Should they leave together, they take that id with them.
-- reads:  last_home, prior.profile_event, prior.profile
-- writes: temporary table origin
-- one row per: record that came to its profile by a merge
create or replace temp table origin as
with merged as (
    select profile_id, retired_run, survivor_profile_id from prior.profile where status = 'merged'
),
brought as (
    select distinct event.source, event.source_pk
    from prior.profile_event as event
    join merged on merged.profile_id = event.profile_id and merged.retired_run = event.run_number
    where event.event_type = 'lost_record'
),
-- every change of home of those records, the latest first
change as (
    select
        event.source,
        event.source_pk,
        event.profile_id as left_id,
        merged.profile_id is not null and event.other_profile_id = merged.survivor_profile_id
            and event.other_profile_id = lag(event.profile_id, 1, last_home.profile_id) over latest_first as by_merge,
        row_number() over latest_first as step
    from prior.profile_event as event
    semi join brought on brought.source = event.source and brought.source_pk = event.source_pk
    join last_home on last_home.source = event.source and last_home.source_pk = event.source_pk
    left join merged on merged.profile_id = event.profile_id and merged.retired_run = event.run_number
    where event.event_type = 'lost_record'
    window latest_first as (
        partition by event.source, event.source_pk order by event.run_number desc, event.event_id desc
    )
),
-- as far back as it came by merges only
chain as (
    select source, source_pk, left_id, step
    from change
    qualify bool_and(by_merge) over (partition by source, source_pk order by step rows unbounded preceding)
)
select source, source_pk, arg_max(left_id, step) as origin_id
from chain
group by source, source_pk
