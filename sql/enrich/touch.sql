-- Every interaction that is neither order, ticket nor answer, with the person it names: by record or e-mail
-- (event_profile), else by its visitor, else by the order it reports.
-- reads:  std.touchpoint, event_profile, visitor_profile, order_number
-- writes: temp table touch
-- one row per: interaction
create or replace temp table touch as
select
    touch.* exclude (url),
    coalesce(event_profile.profile_id, visitor_profile.profile_id, order_number.profile_id) as profile_id,
    hash(touch.channel, touch.utm_source, touch.utm_medium, touch.referrer, touch.campaign is null) as origin
from std.touchpoint as touch
left join event_profile
    on event_profile.source = touch.source
    and event_profile.person_source = coalesce(touch.person_source, '')
    and event_profile.person_pk = coalesce(touch.person_pk, '')
    and event_profile.person_email = coalesce(touch.person_email, '')
left join visitor_profile on visitor_profile.visitor_id = touch.visitor_id
left join order_number on order_number.number = lower(ltrim(touch.order_id, '#'))
