-- Who belonged where at a time: `from identity.profile_as_of(timestamp '2026-03-01')`.
-- reads:  identity.profile_event, identity.profile_xref
-- writes: table macro identity.profile_as_of(moment)
-- one row per: record that belonged to a profile then
create or replace macro identity.profile_as_of(moment) as table
with record_event as (
    select source, source_pk, profile_id, run_number, "at", event_type = 'absorbed_record' as is_arrival
    from identity.profile_event
    where event_type in ('absorbed_record', 'lost_record')
),
first_event as (
    select source, source_pk, profile_id, arg_min(is_arrival, (run_number, is_arrival)) as is_arrival
    from record_event
    group by source, source_pk, profile_id
),
founder as (
    -- a record that came with the profile's creation has no arrival of its own
    select source, source_pk, profile_id from first_event where not is_arrival
    union all
    select source, source_pk, profile_id from identity.profile_xref
    anti join first_event using (source, source_pk, profile_id)
),
arrival as (
    select founder.source, founder.source_pk, founder.profile_id, created."at"
    from founder
    join identity.profile_event as created
        on created.profile_id = founder.profile_id and created.event_type = 'created'
    union all
    select source, source_pk, profile_id, "at" from record_event where is_arrival
)
select source, source_pk, profile_id, max("at") as since
from arrival
where "at" <= moment
    and not exists (
        from record_event as departure
        where not departure.is_arrival
            and departure.source = arrival.source
            and departure.source_pk = arrival.source_pk
            and departure.profile_id = arrival.profile_id
            and departure."at" > arrival."at"
            and departure."at" <= moment
    )
group by source, source_pk, profile_id
