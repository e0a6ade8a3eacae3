-- reads: delivered (rows of a generic source of kind touchpoint)
-- writes: std.touchpoint
-- one row per: interaction
-- parameters: $currency
-- by hand: set variable currency = 'EUR'; and read getvariable('currency') for $currency
--
-- What a source gives in no column of its own is read from the link: utm_source, utm_medium, utm_campaign, and the
-- marks of advertisements (gclid, msclkid, ttclid: paid; fbclid: social). Of the link's path, parts with an @ or
-- with long numbers are kept as `*`, of the referrer only the host, and none where it is the site itself.
with located as (
    select
        *,
        regexp_extract(lower(url), '^[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?(?:www\.)?([^/?#:]+)', 1) as own_host,
        regexp_extract(
            lower(referrer), '^(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#@]*@)?(?:www\.)?([^/?#:@ ]+)', 1
        ) as referring_host,
        regexp_extract(url, '^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*)?(/[^?#]*)', 1) as path,
        regexp_extract(url, '[?]([^#]*)', 1) as link_query
    from delivered
),

told as (
    select
        *,
        coalesce(utm_source, nullif(url_decode(regexp_extract(link_query, '(?:^|&)utm_source=([^&]*)', 1)), ''))
            as said_source,
        coalesce(utm_medium, nullif(url_decode(regexp_extract(link_query, '(?:^|&)utm_medium=([^&]*)', 1)), ''))
            as said_medium,
        coalesce(campaign, nullif(url_decode(replace(regexp_extract(link_query, '(?:^|&)utm_campaign=([^&]*)', 1), '+', ' ')), ''))
            as said_campaign,
        regexp_extract(link_query, '(?:^|&)(gclid|gbraid|wbraid|msclkid|ttclid|fbclid)=', 1) as mark
    from located
),

marked as (
    select
        *,
        lower(trim(coalesce(said_source, case
            when mark in ('gclid', 'gbraid', 'wbraid') then 'google'
            when mark = 'msclkid' then 'bing'
            when mark = 'ttclid' then 'tiktok'
            when mark = 'fbclid' then 'facebook'
        end))) as from_source,
        lower(trim(coalesce(said_medium, case
            when said_source is not null then null
            when mark = 'ttclid' then 'paid_social'
            when mark = 'fbclid' then 'social'
            when mark <> '' then 'cpc'
        end))) as by_medium
    from told
)

select
    object as source,
    source_pk,
    case when person_id is not null then person_source end as person_source,
    case when person_source is not null then person_id end as person_pk,
    email as person_email,
    occurred_at,
    coalesce(
        lower(channel),
        case when coalesce(url, visitor_id, session_id, referrer, utm_source, utm_medium) is not null then 'web' end
    ) as channel,
    lower(coalesce(touch_type, 'interaction')) as touch_type,
    case when lower(said_campaign) not in ('(not set)', '(none)', '(direct)', '(organic)', '(referral)') then said_campaign end
        as campaign,
    title,
    url,
    value,
    coalesce(upper(currency), $currency) as currency,
    session_id,
    occurred_at_zone as time_zone,
    visitor_id,
    case
        when path <> ''
            then regexp_replace(path, '/[^/]*(?:@|%40|[0-9]{7}|[0-9a-fA-F]{16})[^/]*', '/*', 'g')
        when own_host <> '' then '/'
    end as page,
    case when from_source not in ('(not set)', '(none)', '(direct)', 'direct') then nullif(from_source, '') end
        as utm_source,
    case when by_medium not in ('(not set)', '(none)', '(direct)', 'direct', 'none') then nullif(by_medium, '') end
        as utm_medium,
    case when referring_host not in (own_host, '(direct)', '(none)', '(not') then nullif(referring_host, '') end
        as referrer,
    order_id,
    lower(is_conversion) in ('1', 'true', 't', 'yes', 'y') as is_conversion
from marked
