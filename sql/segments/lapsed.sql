-- name: lapsed
-- owner: marketing
-- description: Last order longer ago than mart.basis.active_days, but not longer than mart.basis.lapsed_days.
select profile_id
from gold.customer_traits
where in_averages and lifecycle_status = 'lapsed'
