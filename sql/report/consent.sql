-- reads:  gold.consent
-- writes: nothing
-- one row per: channel and purpose
select
    channel, purpose, count(*) as profiles, count(*) filter (where status = 'granted') as granted,
    count(*) filter (where status = 'denied') as denied, count(*) filter (where status = 'unknown') as unknown,
    count(*) filter (where rule = 'objection') as objections
from gold.consent
group by all
order by channel, purpose;
