-- reads gold.touchpoint, mart.journey, mart.journey_step, mart.channel_transition, gold.customer_360
-- writes nothing
-- one row: counts that must be 0; every conversion of a profile ends one journey, whose steps are all there
with conversion as (
    select touchpoint_id, profile_id, value
    from gold.touchpoint
    where is_conversion and profile_id is not null and occurred_at is not null
),
lost as (
    select coalesce(conversion.touchpoint_id, journey.conversion_id) as key
    from conversion
    full join (select * from mart.journey where is_converted) as journey
        on journey.conversion_id = conversion.touchpoint_id
    where conversion.profile_id is distinct from journey.profile_id
        or conversion.value is distinct from journey.value
),
stepped as (
    select
        journey_id, count(*) as steps, sum(touches) as touches, max(step_number) as last_step
    from mart.journey_step
    group by journey_id
),
torn as (
    select coalesce(journey.journey_id, stepped.journey_id) as key
    from mart.journey as journey
    full join stepped using (journey_id)
    where journey.journey_id is null or journey.steps <> coalesce(stepped.steps, 0)
        or journey.touches <> coalesce(stepped.touches, 0) or stepped.last_step <> stepped.steps
),
counted as (
    select journey.is_converted, count(*) as journeys
    from mart.journey as journey
    join gold.customer_360 as customer using (profile_id)
    where journey.steps > 0 and not customer.is_test and not customer.is_staff and not customer.is_reseller
    group by journey.is_converted
),
ended as (
    select to_channel = 'conversion' as is_converted, sum(transitions) as journeys
    from mart.channel_transition
    where to_channel in ('conversion', 'none')
    group by to_channel = 'conversion'
)
select
    (select count(*) from lost) as conversions_without_journey,
    (select min(key, 3) from lost) as conversions_without_journey_examples,
    (select count(*) from torn) as journeys_torn,
    (select min(key, 3) from torn) as journeys_torn_examples,
    (
        select coalesce(sum(abs(coalesce(counted.journeys, 0) - coalesce(ended.journeys, 0))), 0)
        from counted
        full join ended using (is_converted)
    )::bigint as transitions_not_conserved;
