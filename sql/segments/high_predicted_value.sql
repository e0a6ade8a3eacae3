-- name: high_predicted_value
-- owner: marketing
-- description: The tenth of buyers in each currency from whom most is expected in the next months.
with ranked as (
    select
        profile_id, ntile(10) over (partition by currency order by predicted_clv_12m desc, profile_id) as tenth
    from gold.customer_traits
    where in_averages and predicted_clv_12m > 0
)
select profile_id
from ranked
where tenth = 1
