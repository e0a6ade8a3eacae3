-- Orders by the numbers under which a site may report them: their key, and the number shown to people, without `#`.
-- reads:  gold.orders
-- writes: temp table order_number
-- one row per: number that stands for exactly one order
create or replace temp table order_number as
select number, min(source) as source, min(order_id) as order_id, min(profile_id) as profile_id
from (
    select lower(ltrim(order_id, '#')) as number, source, order_id, profile_id from gold.orders where not is_test
    union
    select lower(ltrim(title, '#')), source, order_id, profile_id from gold.orders where not is_test
)
where number <> ''
group by number
having count(*) = 1
