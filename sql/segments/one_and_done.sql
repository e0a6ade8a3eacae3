-- name: one_and_done
-- owner: marketing
-- description: Ordered once, longer than mart.basis.new_days ago, and never again.
select profile_id
from gold.customer_traits
where in_averages and one_and_done and lifecycle_status <> 'new'
