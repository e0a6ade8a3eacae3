-- reads identity.profile_xref, prior.profile_xref, identity.profile_event
-- writes nothing
-- one row per move of known records from one profile id to another: how many, and the cause its events tell
with moved as (
    select now.source, now.source_pk, before.profile_id as from_profile, now.profile_id as to_profile
    from identity.profile_xref as now
    join prior.profile_xref as before using (source, source_pk)
    where now.profile_id <> before.profile_id
),
record_cause as (
    select source, source_pk, min(cause) as cause
    from identity.profile_event
    where run_number = $number and source_pk is not null
    group by source, source_pk
),
profile_cause as (
    select profile_id, min(cause) as cause
    from identity.profile_event
    where run_number = $number
    group by profile_id
)
select
    moved.from_profile,
    moved.to_profile,
    coalesce(record_cause.cause, of_old.cause, of_new.cause, 'rule_or_model') as cause,
    count(*) as n_records
from moved
left join record_cause using (source, source_pk)
left join profile_cause as of_old on of_old.profile_id = moved.from_profile
left join profile_cause as of_new on of_new.profile_id = moved.to_profile
group by all
order by n_records desc, from_profile, to_profile, cause;
