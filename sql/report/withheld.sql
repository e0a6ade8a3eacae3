-- reads:  gold.customer_360, gold.consent, privacy.tombstone
-- writes: nothing
-- one row per: reason why people are left out of what is sent
select 'profiles restricted at their own request' as reason, count(*) as n from gold.customer_360 where is_restricted
union all
select 'profiles with an objection', count(distinct profile_id) from gold.consent where rule = 'objection'
union all
select 'profiles denied on every channel that says anything', count(*)
from (
    select profile_id from gold.consent group by profile_id
    having bool_and(status in ('denied', 'unknown')) and bool_or(status = 'denied')
)
union all
select 'values of erased people that are not taken in again', count(*) from privacy.tombstone;
