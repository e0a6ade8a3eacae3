-- reads:  gold.consent_event, gold.consent
-- writes: nothing
-- one row per: channel: profiles whose sources contradict each other, and what was decided for them
with contradicted as (
    select profile_id, channel, purpose
    from gold.consent_event
    where profile_id is not null
    group by all
    having bool_or(status = 'granted') and bool_or(status = 'denied')
)
select
    c.channel, count(*) as profiles, count(*) filter (where g.status = 'denied') as decided_denied,
    count(*) filter (where g.status = 'granted') as decided_granted
from contradicted as c
left join gold.consent as g using (profile_id, channel, purpose)
group by c.channel
order by c.channel;
