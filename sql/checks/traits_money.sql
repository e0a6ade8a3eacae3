-- reads std.order, std.order_item, gold.orders, gold.order_items, gold.refunds, gold.customer_360,
--   identity.profile_xref
-- writes nothing
-- one row: counts and differences that must be 0; no order and no money is lost, doubled or moved (P4)
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with delivered as materialized (
    select
        source, order_id, person_source, person_pk, hash(source, order_id) as place,
        hash(source, order_id, net_revenue, total_charged, currency) as content
    from std.order
),
golden as materialized (
    select
        source, order_id, hash(source, order_id) as place,
        hash(source, order_id, net_revenue, total_charged, currency) as content,
        hash(source, order_id, profile_id) as owned
    from gold.orders
),
lost as (
    select source || ' ' || order_id as key from delivered anti join golden using (place)
),
invented as (
    select source || ' ' || order_id as key from golden anti join delivered using (place)
),
crowded as (
    select place from golden group by place having count(*) > 1
),
order_twice as (
    select any_value(source || ' ' || order_id) as key from golden semi join crowded using (place) group by place
),
changed as (
    select source || ' ' || order_id as key
    from (select * from golden anti join delivered using (content))
    semi join delivered using (place)
),
of_nobody as (
    select source || ' ' || order_id as key
    from gold.orders
    anti join gold.customer_360 using (profile_id)
    where profile_id is not null
),
named as (
    select
        delivered.source, delivered.order_id, delivered.place,
        hash(delivered.source, delivered.order_id, xref.profile_id) as owned
    from delivered
    join identity.profile_xref as xref
        on xref.source = delivered.person_source and xref.source_pk = delivered.person_pk
),
of_another as (
    select source || ' ' || order_id as key
    from (select * from named anti join golden using (owned))
    semi join golden using (place)
),
golden_item as materialized (
    select
        source, order_id, line_number, hash(source, order_id) as place, hash(source, order_id, profile_id) as owned,
        hash(source, order_id, line_number, net_revenue) as content
    from gold.order_items
),
delivered_item as materialized (
    select source, order_id, line_number, hash(source, order_id, line_number, net_revenue) as content
    from std.order_item
),
item as (
    select source || ' ' || order_id as key
    from (
        select source, order_id, line_number from golden_item anti join delivered_item using (content)
        union
        select source, order_id, line_number from delivered_item anti join golden_item using (content)
    )
),
item_of_another as (
    select source || ' ' || order_id as key
    from (select * from golden_item anti join golden using (owned))
    semi join golden using (place)
),
reported as not materialized (
    select
        *,
        if(reporting_currency is null, net_revenue, net_revenue_reporting) as counted,
        if(reporting_currency is null, coalesce(currency, ''), if(reporting_rate is null, '?', reporting_currency)) as unit
    from gold.orders
),
bought as (
    select
        profile_id, count(*) as orders, coalesce(sum(counted), 0) as revenue,
        count(distinct unit) > 1 or bool_or(unit = '?') as is_mixed
    from reported
    where profile_id is not null and not coalesce(is_test, false)
    group by profile_id
),
wrongly_converted as (
    select source || ' ' || order_id as key
    from gold.orders
    where reporting_rate = 1 and (
        net_revenue_reporting <> net_revenue or gross_reporting <> gross or discount_reporting <> discount
    )
    or reporting_rate <> 1 and (
        currency = reporting_currency
        or net_revenue_reporting <> round(net_revenue::decimal(20, 4) * reporting_rate, 4)
        or gross_reporting <> round(gross::decimal(20, 4) * reporting_rate, 4)
        or discount_reporting <> round(discount::decimal(20, 4) * reporting_rate, 4)
    )
    or reporting_rate is null and coalesce(net_revenue_reporting, gross_reporting, discount_reporting) is not null
),
refunded as (
    select source, order_id, sum(amount) as amount from gold.refunds group by source, order_id
),
wrongly_refunded as (
    select coalesce(orders.source, refunded.source) || ' ' || coalesce(orders.order_id, refunded.order_id) as key
    from gold.orders as orders
    full join refunded using (source, order_id)
    where coalesce(refunded.amount, 0) <> coalesce(orders.returned_revenue, 0)
),
unrated as (
    select source || ' ' || order_id as key
    from gold.orders
    where reporting_currency is not null and reporting_rate is null
),
wrong_trait as (
    select golden.profile_id as key
    from gold.customer_360 as golden
    left join bought using (profile_id)
    where golden.orders is distinct from coalesce(bought.orders, 0)
        or coalesce(bought.is_mixed, false) and golden.revenue is not null
        or not coalesce(bought.is_mixed, false) and golden.revenue is distinct from coalesce(bought.revenue, 0)
),
elsewhere as (
    -- orders whose money no profile's revenue can hold: of nobody, of a test, of profiles of several currencies
    select orders.counted
    from reported as orders
    left join bought using (profile_id)
    where orders.profile_id is null or coalesce(orders.is_test, false) or bought.is_mixed
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
    (select count(*) from wrongly_converted) as orders_wrongly_converted,
    (select min(key, 3) from wrongly_converted) as orders_wrongly_converted_examples,
    (select count(*) from wrongly_refunded) as orders_wrongly_refunded,
    (select min(key, 3) from wrongly_refunded) as orders_wrongly_refunded_examples,
    (select count(*) from unrated) as orders_without_rate,
    (select min(key, 3) from unrated) as orders_without_rate_examples,
    abs(
        coalesce((select sum(counted) from reported), 0)
        - coalesce((select sum(revenue) from gold.customer_360), 0)
        - coalesce((select sum(counted) from elsewhere), 0)
    )::double as profile_money_difference;
