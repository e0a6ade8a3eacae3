-- name: at_risk
-- owner: marketing
-- description: Bought several times, and the last order is twice as long ago as they usually wait, or they are probably gone, though not yet lapsed.
select profile_id
from gold.customer_traits
where in_averages
    and lifecycle_status = 'active'
    and orders_lifetime > 1
    and (recency_days > 2 * greatest(days_between_orders, 30) or p_alive < 0.5)
