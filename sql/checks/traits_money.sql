-- reads std.order, std.order_item, gold.orders, gold.order_items, gold.customer_360, identity.profile_xref
-- writes nothing
-- one row: counts and differences that must be 0; no order and no money is lost, doubled or moved (P4)
with lost as (
    select source || ' ' || order_id as key
    from std.order
    anti join gold.orders using (source, order_id)
),
invented as (
    select source || ' ' || order_id as key
    from gold.orders
    anti join std.order using (source, order_id)
),
order_twice as (
    select source || ' ' || order_id as key
    from gold.orders
    group by source, order_id
    having count(*) > 1
),
changed as (
    select golden.source || ' ' || golden.order_id as key
    from gold.orders as golden
    join std.order as delivered using (source, order_id)
    where golden.net_revenue is distinct from delivered.net_revenue
        or golden.total_charged is distinct from delivered.total_charged
        or golden.currency is distinct from delivered.currency
),
of_nobody as (
    select source || ' ' || order_id as key
    from gold.orders
    anti join gold.customer_360 using (profile_id)
    where profile_id is not null
),
of_another as (
    select golden.source || ' ' || golden.order_id as key
    from gold.orders as golden
    join std.order as delivered using (source, order_id)
    join identity.profile_xref as xref
        on xref.source = delivered.person_source and xref.source_pk = delivered.person_pk
    where golden.profile_id is distinct from xref.profile_id
),
item as (
    select
        coalesce(golden.source, delivered.source) || ' ' || coalesce(golden.order_id, delivered.order_id) as key
    from gold.order_items as golden
    full join std.order_item as delivered using (source, order_id, line_number)
    where golden.source is null or delivered.source is null
        or golden.net_revenue is distinct from delivered.net_revenue
),
item_of_another as (
    select item.source || ' ' || item.order_id as key
    from gold.order_items as item
    join gold.orders using (source, order_id)
    where item.profile_id is distinct from orders.profile_id
),
bought as (
    select
        profile_id, count(*) as orders, coalesce(sum(net_revenue), 0) as revenue,
        count(distinct coalesce(currency, '')) as currencies
    from gold.orders
    where profile_id is not null and not coalesce(is_test, false)
    group by profile_id
),
wrong_trait as (
    select golden.profile_id as key
    from gold.customer_360 as golden
    left join bought using (profile_id)
    where golden.orders is distinct from coalesce(bought.orders, 0)
        or (bought.currencies > 1) is true and golden.revenue is not null
        or coalesce(bought.currencies, 1) = 1 and golden.revenue is distinct from coalesce(bought.revenue, 0)
),
elsewhere as (
    -- orders whose money no profile's revenue can hold: of nobody, of a test, of profiles of several currencies
    select orders.net_revenue
    from gold.orders as orders
    left join bought using (profile_id)
    where orders.profile_id is null or coalesce(orders.is_test, false) or bought.currencies > 1
)
select
    (select count(*) from lost) as orders_lost,
    (select min(key, 3) from lost) as orders_lost_examples,
    (select count(*) from invented) as orders_invented,
    (select min(key, 3) from invented) as orders_invented_examples,
    (select count(*) from order_twice) as orders_twice,
    (select min(key, 3) from order_twice) as orders_twice_examples,
    (select count(*) from changed) as orders_changed,
    (select min(key, 3) from changed) as orders_changed_examples,
    (select count(*) from of_nobody) as orders_of_no_profile,
    (select min(key, 3) from of_nobody) as orders_of_no_profile_examples,
    (select count(*) from of_another) as orders_of_another_profile,
    (select min(key, 3) from of_another) as orders_of_another_profile_examples,
    (select count(*) from item) as order_items_not_conserved,
    (select min(key, 3) from item) as order_items_not_conserved_examples,
    (select count(*) from item_of_another) as order_items_of_another_profile,
    (select min(key, 3) from item_of_another) as order_items_of_another_profile_examples,
    (select count(*) from wrong_trait) as profiles_with_wrong_revenue,
    (select min(key, 3) from wrong_trait) as profiles_with_wrong_revenue_examples,
    abs(
        coalesce((select sum(net_revenue) from std.order), 0) - coalesce((select sum(net_revenue) from gold.orders), 0)
    )::double as order_money_difference,
    abs(
        coalesce((select sum(net_revenue) from std.order), 0)
        - coalesce((select sum(revenue) from gold.customer_360), 0)
        - coalesce((select sum(net_revenue) from elsewhere), 0)
    )::double as profile_money_difference;
