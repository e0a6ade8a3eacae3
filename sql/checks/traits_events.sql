-- reads std.touchpoint, std.order, std.ticket, std.survey_response, gold.touchpoint, gold.session, gold.tickets,
--   gold.customer_360
-- writes nothing
-- one row: counts that must be 0; every interaction is in the journey once, with a profile that lives or none
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with delivered as not materialized (
    select source, touch_type, source_pk from std.touchpoint
    union all
    select source, 'order', order_id from std.order
    union all
    select source, 'ticket_opened', ticket_id from std.ticket
    union all
    select source, 'survey_answered', response_id from std.survey_response
),
golden as not materialized (
    select source, touch_type, source_pk from gold.touchpoint
),
suspect as materialized (
    -- of the keys in 4096 parts, those whose sums differ between the two sides
    select place % 4096 as part
    from (
        select hash(source, touch_type, source_pk) as place, 1 as side from delivered
        union all
        select hash(source, touch_type, source_pk), -1 from golden
    )
    group by part
    having sum(place::hugeint * side) <> 0 or sum(side) <> 0
),
unequal as (
    select any_value(source || ' ' || source_pk) as key
    from (
        select *, 1 as side from delivered semi join suspect on suspect.part = hash(source, touch_type, source_pk) % 4096
        union all
        select *, -1 from golden semi join suspect on suspect.part = hash(source, touch_type, source_pk) % 4096
    )
    group by source, touch_type, source_pk
    having sum(side) <> 0
),
disordered as (
    -- the table stands in the order of its ids: where each is above the one before, none stands twice
    select 1 as found
    from (select touchpoint_id, lag(touchpoint_id) over () as before from gold.touchpoint)
    having count(*) filter (touchpoint_id > before) < count(*) - 1
),
id_twice as (
    select touchpoint_id as key
    from gold.touchpoint
    cross join disordered
    group by touchpoint_id
    having count(*) > 1
),
ticket as (
    select
        coalesce(golden.source, delivered.source) || ' ' || coalesce(golden.ticket_id, delivered.ticket_id) as key
    from gold.tickets as golden
    full join std.ticket as delivered using (source, ticket_id)
    where golden.source is null or delivered.source is null
),
stray_profile as (
    select distinct profile_id
    from gold.touchpoint
    anti join (select hash(profile_id) as place from gold.customer_360) as golden on golden.place = hash(profile_id)
    where profile_id is not null
),
of_nobody as (
    select source || ' ' || source_pk as key
    from gold.touchpoint
    semi join stray_profile using (profile_id)
    union all
    select source || ' ' || ticket_id
    from gold.tickets
    anti join gold.customer_360 using (profile_id)
    where profile_id is not null
),
visited as (
    select
        session_id, count(*) filter (touch_type is distinct from 'order') as touches,
        count(*) filter (touch_type = 'order') as orders,
        min(coalesce(profile_id, '')) filter (touch_type is distinct from 'order') as profile_id
    from gold.touchpoint
    where session_id is not null
    group by session_id
),
session_off as (
    select coalesce(session.session_id, visited.session_id) as key
    from gold.session as session
    full join visited using (session_id)
    where session.touches is distinct from visited.touches or session.orders is distinct from visited.orders
        or coalesce(session.profile_id, '') is distinct from visited.profile_id
)
select
    (select count(*) from session_off) as sessions_not_conserved,
    (select min(key, 3) from session_off) as sessions_not_conserved_examples,
    (select count(*) from unequal) as touchpoints_not_conserved,
    (select min(key, 3) from unequal) as touchpoints_not_conserved_examples,
    (select count(*) from id_twice) as touchpoint_ids_twice,
    (select min(key, 3) from id_twice) as touchpoint_ids_twice_examples,
    (select count(*) from ticket) as tickets_not_conserved,
    (select min(key, 3) from ticket) as tickets_not_conserved_examples,
    (select count(*) from of_nobody) as events_of_no_profile,
    (select min(key, 3) from of_nobody) as events_of_no_profile_examples;
