-- name: cross_channel_buyers
-- owner: marketing
-- description: Bought online and in a store.
select orders.profile_id
from gold.orders as orders
join gold.customer_traits as traits on traits.profile_id = orders.profile_id
where traits.in_averages and not orders.is_test
group by orders.profile_id
having bool_or(orders.channel = 'online') and bool_or(orders.channel = 'store')
