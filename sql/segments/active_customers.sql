-- name: active_customers
-- owner: marketing
-- description: Ordered within the last mart.basis.active_days days, new customers apart.
select profile_id
from gold.customer_traits
where in_averages and lifecycle_status = 'active'
