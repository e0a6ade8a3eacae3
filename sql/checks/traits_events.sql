-- reads std.touchpoint, std.order, std.ticket, std.survey_response, gold.touchpoint, gold.tickets, gold.customer_360
-- writes nothing
-- one row: counts that must be 0; every interaction is in the journey once, with a profile that lives or none
with delivered as (
    select source, touch_type, source_pk from std.touchpoint
    union all
    select source, 'order', order_id from std.order
    union all
    select source, 'ticket_opened', ticket_id from std.ticket
    union all
    select source, 'survey_answered', response_id from std.survey_response
),
delivered_count as (
    select source, touch_type, source_pk, count(*) as n from delivered group by all
),
golden_count as (
    select source, touch_type, source_pk, count(*) as n from gold.touchpoint group by all
),
unequal as (
    select
        coalesce(delivered_count.source, golden_count.source)
        || ' ' || coalesce(delivered_count.source_pk, golden_count.source_pk) as key
    from delivered_count
    full join golden_count
        on golden_count.source = delivered_count.source and golden_count.source_pk = delivered_count.source_pk
        and golden_count.touch_type is not distinct from delivered_count.touch_type
    where delivered_count.n is distinct from golden_count.n
),
id_twice as (
    select touchpoint_id as key from gold.touchpoint group by touchpoint_id having count(*) > 1
),
ticket as (
    select
        coalesce(golden.source, delivered.source) || ' ' || coalesce(golden.ticket_id, delivered.ticket_id) as key
    from gold.tickets as golden
    full join std.ticket as delivered using (source, ticket_id)
    where golden.source is null or delivered.source is null
),
of_nobody as (
    select source || ' ' || source_pk as key
    from gold.touchpoint
    anti join gold.customer_360 using (profile_id)
    where profile_id is not null
    union all
    select source || ' ' || ticket_id
    from gold.tickets
    anti join gold.customer_360 using (profile_id)
    where profile_id is not null
)
select
    (select count(*) from unequal) as touchpoints_not_conserved,
    (select min(key, 3) from unequal) as touchpoints_not_conserved_examples,
    (select count(*) from id_twice) as touchpoint_ids_twice,
    (select min(key, 3) from id_twice) as touchpoint_ids_twice_examples,
    (select count(*) from ticket) as tickets_not_conserved,
    (select min(key, 3) from ticket) as tickets_not_conserved_examples,
    (select count(*) from of_nobody) as events_of_no_profile,
    (select min(key, 3) from of_nobody) as events_of_no_profile_examples;
