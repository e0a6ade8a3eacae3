-- name: email_engaged_without_order
-- owner: marketing
-- description: Clicked in an e-mail within the last 90 days, may be written to, and has never ordered.
select engagement.profile_id
from gold.email_engagement as engagement
join gold.customer_traits as traits on traits.profile_id = engagement.profile_id
cross join mart.basis as basis
where traits.in_averages
    and traits.orders_lifetime = 0
    and engagement.last_click_at > basis.as_of - interval 90 day
    and engagement.consent_email <> 'denied'
