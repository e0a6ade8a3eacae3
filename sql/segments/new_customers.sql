-- name: new_customers
-- owner: marketing
-- description: First order within the last mart.basis.new_days days.
select profile_id
from gold.customer_traits
where in_averages and lifecycle_status = 'new'
