-- name: abandoned_checkout_7d
-- owner: marketing
-- description: Left a checkout in the last 7 days and has not ordered since.
with abandoned as (
    select touch.profile_id, max(touch.occurred_at) as abandoned_at
    from gold.touchpoint as touch
    cross join mart.basis as basis
    where touch.touch_type = 'checkout_abandoned'
        and touch.occurred_at > basis.as_of - interval 7 day
        and touch.occurred_at <= basis.as_of
    group by touch.profile_id
)
select traits.profile_id
from gold.customer_traits as traits
join abandoned on abandoned.profile_id = traits.profile_id
where traits.in_averages and (traits.last_order_at is null or traits.last_order_at < abandoned.abandoned_at)
