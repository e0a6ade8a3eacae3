-- The steps of journeys, before they are numbered. A journey is what a profile does up to a conversion and after the
-- one before; without a conversion it is open. A visit is one step, in the journey in which it began; an e-mail
-- campaign is one; a ticket or checkout outside of visits is one. What others do (e-mails sent and bounced, openings
-- by machines) is no step, nor is what lies more than 30 days before the conversion, in an open journey before its last
-- interaction.
-- reads:  gold.touchpoint
-- writes: temp table journey_unit
-- one row per: step, and one per journey without steps (unit is null)
create or replace temp table journey_unit as
with moment as (
    select
        profile_id, occurred_at, touchpoint_id, marketing_channel as channel, campaign, session_id, is_conversion,
        coalesce(sum(is_conversion::bigint) over (
            partition by profile_id order by occurred_at, is_conversion, touchpoint_id
            rows between unbounded preceding and 1 preceding
        ), 0)::bigint + 1 as number
    from gold.touchpoint
    where profile_id is not null and occurred_at is not null
        and (
            is_conversion
            or touch_type not in ('order', 'email_sent', 'email_bounced') and is_machine is not true
            and marketing_channel is not null
        )
),
conversion as (
    select profile_id, number, touchpoint_id as conversion_id, occurred_at as converted_at
    from moment
    where is_conversion
),
begun as (
    -- visits during which somebody converted
    select profile_id, session_id, min(number) as number
    from moment
    where session_id is not null and not is_conversion
    group by profile_id, session_id
    having min(number) < max(number)
),
placed as (
    select
        moment.* exclude (number),
        coalesce(moment.session_id, moment.channel || chr(31) || moment.campaign, moment.touchpoint_id) as unit,
        if(moment.is_conversion, moment.number, coalesce(begun.number, moment.number)) as number
    from moment
    left join begun on begun.profile_id = moment.profile_id and begun.session_id = moment.session_id
    where not moment.is_conversion or moment.session_id is not null
),
reach as (
    select profile_id, number, max(occurred_at) as last_at from placed group by profile_id, number
),
ending as (
    select
        reach.profile_id, reach.number, conversion.conversion_id, conversion.converted_at,
        coalesce(conversion.converted_at, reach.last_at) as until
    from reach
    left join conversion on conversion.profile_id = reach.profile_id and conversion.number = reach.number
),
step as (
    select
        placed.profile_id, placed.number, placed.unit,
        any_value(ending.conversion_id) as conversion_id,
        any_value(ending.converted_at) as converted_at,
        arg_min(placed.channel, (placed.occurred_at, placed.touchpoint_id)) as channel,
        arg_min(placed.campaign, (placed.occurred_at, placed.touchpoint_id)) as campaign,
        any_value(placed.session_id) as session_id,
        arg_min(placed.touchpoint_id, (placed.occurred_at, placed.touchpoint_id)) as touchpoint_id,
        min(placed.occurred_at) as started_at,
        max(placed.occurred_at) as ended_at,
        count(*) filter (not placed.is_conversion) as touches
    from placed
    join ending on ending.profile_id = placed.profile_id and ending.number = placed.number
    where placed.occurred_at >= ending.until - interval 30 day
    group by placed.profile_id, placed.number, placed.unit
)
select * from step
union all by name
select conversion.*
from conversion
anti join step on step.profile_id = conversion.profile_id and step.number = conversion.number
