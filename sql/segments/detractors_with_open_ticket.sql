-- name: detractors_with_open_ticket
-- owner: support
-- description: Unhappy by the latest NPS answer or the last rating of a ticket, with a ticket still open: call them first.
with unhappy as (
    select profile_id from gold.customer_traits where nps_class = 'detractor'
    union
    select profile_id from gold.support_summary where csat_bad > 0 and csat < 0.5
)
select support.profile_id
from gold.support_summary as support
join unhappy on unhappy.profile_id = support.profile_id
join gold.customer_traits as traits on traits.profile_id = support.profile_id
where support.open_tickets > 0 and traits.in_averages
