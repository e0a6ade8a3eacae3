-- reads: delivered (rows of a generic source of kind touchpoint)
-- writes: std.touchpoint
-- one row per: interaction
-- parameters: $currency
-- by hand: set variable currency = 'EUR'; and read getvariable('currency') for $currency
select
    object as source,
    source_pk,
    case when person_id is not null then person_source end as person_source,
    case when person_source is not null then person_id end as person_pk,
    email as person_email,
    occurred_at,
    lower(channel) as channel,
    lower(coalesce(touch_type, 'interaction')) as touch_type,
    campaign,
    title,
    url,
    value,
    coalesce(upper(currency), $currency) as currency,
    session_id
from delivered
