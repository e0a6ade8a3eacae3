-- Orders by the numbers under which sites report them: their key, and the number shown to people, without `#`.
-- reads:  gold.orders, std.touchpoint
-- writes: temp table order_number
-- one row per: reported number that stands for exactly one order
create or replace temp table order_number as
with reported as (
    select distinct lower(ltrim(order_id, '#')) as number from std.touchpoint where order_id is not null
),
numbered as (
    select lower(ltrim(order_id, '#')) as number, source, order_id, profile_id from gold.orders where not is_test
    union all
    select lower(ltrim(title, '#')), source, order_id, profile_id from gold.orders where not is_test
)
select number, min(source) as source, min(order_id) as order_id, min(profile_id) as profile_id
from numbered
semi join reported using (number)
where number <> ''
group by number
having min(source) = max(source) and min(order_id) = max(order_id)
