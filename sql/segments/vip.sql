-- name: vip
-- owner: marketing
-- description: The best tenth by net revenue among the buyers of the last 12 months who also ordered more than once in them.
select profile_id
from gold.customer_traits
where in_averages and rfm_monetary = 9 and orders_l12m > 1
