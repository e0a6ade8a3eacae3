-- In which visit an order was placed: the earliest whose interactions report it, else the last visit of the same
-- profile that began before an online order and ended no more than 30 minutes before it. Test orders and those
-- wholly cancelled count for no visit.
-- reads:  touch, visit, visit_session, order_number, gold.orders
-- writes: temp table session_order
-- one row per: order placed in a visit
create or replace temp table session_order as
with counted as (
    select source, order_id, profile_id, order_at, channel
    from gold.orders
    where not is_test and coalesce(canceled_revenue, 0) < greatest(coalesce(gross, 0) - coalesce(discount, 0), 0.01)
),
reported as (
    select
        order_number.source, order_number.order_id,
        arg_min(visit_session.session_id, (visit_session.started_at, visit_session.session_id)) as session_id
    from touch
    join visit on visit.touch_no = touch.rowid
    join visit_session using (visit_key, visit_number)
    join order_number on order_number.number = lower(ltrim(touch.order_id, '#'))
    semi join counted on counted.source = order_number.source and counted.order_id = order_number.order_id
    where touch.order_id is not null
    group by order_number.source, order_number.order_id
),
of_profile as (
    select profile_id, started_at, ended_at, session_id
    from visit_session
    where profile_id is not null
    qualify row_number() over (partition by profile_id, started_at order by ended_at desc, session_id) = 1
),
in_time as (
    select online.source, online.order_id, of_profile.session_id
    from (
        select * from counted anti join reported using (source, order_id)
        where profile_id is not null and coalesce(channel, 'online') = 'online'
    ) as online
    asof join of_profile on of_profile.profile_id = online.profile_id and online.order_at >= of_profile.started_at
    where online.order_at <= of_profile.ended_at + interval 30 minute
)
select * from reported
union all
select * from in_time
