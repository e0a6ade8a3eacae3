-- The journey: orders, tickets, answers to surveys and all other interactions in one table. The subject of a
-- ticket stays out of it, being the person's own words.
-- reads:  gold.orders, gold.tickets, std.touchpoint, std.survey_response, event_profile
-- writes: gold.touchpoint
-- one row per: interaction
with interaction as (
    select
        profile_id, order_at as occurred_at, channel, 'order' as touch_type, null as campaign, source,
        order_id as source_pk, title, net_revenue as value, currency,
        not is_test and coalesce(canceled_revenue, 0) < greatest(coalesce(gross, 0) - coalesce(discount, 0), 0.01)
            as is_conversion,
        null as session_id, null::boolean as is_machine
    from gold.orders
    union all
    select
        profile_id, created_at, 'support', 'ticket_opened', null, source,
        ticket_id, 'Ticket ' || ticket_id, null, null, false, null, null
    from gold.tickets
    union all
    select
        event_profile.profile_id, survey.answered_at, 'support', 'survey_answered', survey.kind, survey.source,
        survey.response_id, upper(survey.kind) || ' ' || survey.score::decimal(18, 0), null, null, false, null, null
    from std.survey_response as survey
    left join event_profile
        on event_profile.source = survey.source
        and event_profile.person_source = coalesce(survey.person_source, '')
        and event_profile.person_pk = coalesce(survey.person_pk, '')
        and event_profile.person_email = coalesce(survey.person_email, '')
    union all
    select
        event_profile.profile_id, touch.occurred_at, touch.channel, touch.touch_type, touch.campaign, touch.source,
        touch.source_pk, touch.title, touch.value, touch.currency, false, touch.session_id, touch.is_machine
    from std.touchpoint as touch
    left join event_profile
        on event_profile.source = touch.source
        and event_profile.person_source = coalesce(touch.person_source, '')
        and event_profile.person_pk = coalesce(touch.person_pk, '')
        and event_profile.person_email = coalesce(touch.person_email, '')
)
select 'tp_' || left(sha256(concat_ws(chr(31), source, touch_type, source_pk)), 20) as touchpoint_id, *
from interaction
