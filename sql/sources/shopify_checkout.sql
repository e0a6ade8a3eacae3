-- reads: delivered (rows of shopify_checkout; one head row per checkout)
-- writes: std.touchpoint
-- one row per: abandoned checkout
-- parameters: $source, $currency (of the shop, where the file names none)
-- by hand: set variable source = 'shopify_checkout'; and read getvariable('source') for $source
select
    $source as source,
    source_pk,
    case when has_person then $source end as person_source,
    case when has_person then source_pk end as person_pk,
    created_at as occurred_at,
    created_at_zone as time_zone,
    'online' as channel,
    'checkout_abandoned' as touch_type,
    'Abandoned checkout ' || name as title,
    total as value,
    coalesce(upper(currency), $currency) as currency
from delivered
where is_head
