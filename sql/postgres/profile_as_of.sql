-- Who belonged where at a time: `select * from identity.profile_as_of('2026-03-01')`.
-- The same as sql/publish/profile_as_of.sql; created with the generation's schema as search path, to whose tables it
-- stays bound.
-- reads:  identity.profile_event, identity.profile_xref
-- writes: function identity.profile_as_of(moment)
-- one row per: record that belonged to a profile then
create function profile_as_of(moment timestamp)
returns table (source text, source_pk text, profile_id text, since timestamp)
language sql stable
begin atomic
    with record_event as (
        select e.source, e.source_pk, e.profile_id, e.run_number, e."at", e.event_type = 'absorbed_record' as is_arrival
        from profile_event as e
        where e.event_type in ('absorbed_record', 'lost_record')
    ),
    first_event as (
        select distinct on (e.source, e.source_pk, e.profile_id) e.source, e.source_pk, e.profile_id, e.is_arrival
        from record_event as e
        order by e.source, e.source_pk, e.profile_id, e.run_number, e.is_arrival
    ),
    founder as (
        -- a record that came with the profile's creation has no arrival of its own
        select f.source, f.source_pk, f.profile_id from first_event as f where not f.is_arrival
        union all
        select x.source, x.source_pk, x.profile_id
        from profile_xref as x
        where not exists (
            select 1 from first_event as f
            where f.source = x.source and f.source_pk = x.source_pk and f.profile_id = x.profile_id
        )
    ),
    arrival as (
        select founder.source, founder.source_pk, founder.profile_id, created."at"
        from founder
        join profile_event as created
            on created.profile_id = founder.profile_id and created.event_type = 'created'
        union all
        select e.source, e.source_pk, e.profile_id, e."at" from record_event as e where e.is_arrival
    )
    select a.source, a.source_pk, a.profile_id, max(a."at") as since
    from arrival as a
    where a."at" <= profile_as_of.moment
        and not exists (
            select 1 from record_event as departure
            where not departure.is_arrival
                and departure.source = a.source
                and departure.source_pk = a.source_pk
                and departure.profile_id = a.profile_id
                and departure."at" > a."at"
                and departure."at" <= profile_as_of.moment
        )
    group by a.source, a.source_pk, a.profile_id;
end
