-- The journey: orders, tickets, answers to surveys and all other interactions in one table. The subject of a
-- ticket stays out of it, being the person's own words. What a source calls a conversion is one of its own where it
-- reports no order and none was placed in its visit.
-- reads:  gold.orders, gold.tickets, answer, touch, visit, visit_session, session_order, gold.session
-- writes: gold.touchpoint
-- one row per: interaction
with interaction as (
    select
        orders.profile_id, orders.order_at as occurred_at, orders.channel, 'order' as touch_type, null as campaign,
        orders.source, orders.order_id as source_pk, orders.title, orders.net_revenue as value, orders.currency,
        not orders.is_test
        and coalesce(orders.canceled_revenue, 0)
            < greatest(coalesce(orders.gross, 0) - coalesce(orders.discount, 0), 0.01) as is_conversion,
        session.session_id, null::boolean as is_machine, orders.time_zone,
        coalesce(session.channel, orders.channel) as marketing_channel
    from gold.orders as orders
    left join session_order using (source, order_id)
    left join gold.session as session on session.session_id = session_order.session_id
    union all
    select
        profile_id, created_at, 'support', 'ticket_opened', null, source, ticket_id, 'Ticket ' || ticket_id, null,
        null, false, null, null, null, 'support'
    from gold.tickets
    union all
    select
        profile_id, answered_at, 'support', 'survey_answered', kind, source, response_id,
        upper(kind) || ' ' || score::decimal(18, 0), null, null, false, null, null, null, 'support'
    from answer
    union all
    select
        if(visit.touch_no is null, touch.profile_id, visit.owner_id), touch.occurred_at, touch.channel,
        touch.touch_type, touch.campaign, touch.source, touch.source_pk, touch.title, touch.value, touch.currency,
        coalesce(touch.is_conversion and touch.order_id is null and coalesce(session.orders, 0) = 0, false),
        session.session_id, touch.is_machine, touch.time_zone, coalesce(session.channel, touch.channel)
    from touch
    left join visit on visit.touch_no = touch.rowid
    left join visit_session using (visit_key, visit_number)
    left join gold.session as session on session.session_id = visit_session.session_id
)
select 'tp_' || left(sha256(concat_ws(chr(31), source, touch_type, source_pk)), 20) as touchpoint_id, *
from interaction
