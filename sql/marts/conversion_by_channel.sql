-- Visits and how many of them converted, by the channel that brought them. Visits of test, staff and reseller profiles are left
-- out; those of nobody known count as visits and not as people. Visits without a time are left out.
-- reads:  gold.session, gold.customer_traits
-- writes: mart.conversion_by_channel
-- one row per: month x marketing channel
with visit as (
    select
        date_trunc('month', session.started_at)::date as month,
        coalesce(session.channel, 'unknown') as channel,
        session.profile_id,
        coalesce(session.is_converted, false) as is_converted
    from gold.session as session
    left join gold.customer_traits as traits using (profile_id)
    where session.started_at is not null and coalesce(traits.in_averages, true)
),
counted as (
    select
        month, channel,
        count(*) as sessions,
        count(*) filter (is_converted) as converted_sessions,
        count(distinct profile_id) as people,
        count(distinct profile_id) filter (is_converted) as converted_people
    from visit
    group by month, channel
)
select
    *,
    converted_sessions / sessions as conversion_rate,
    converted_people / nullif(people, 0) as people_conversion_rate
from counted
