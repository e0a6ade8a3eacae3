-- What brought a visit, from what its link says (utm_medium before utm_source), else from the page before; the first
-- rule that holds decides. Where the source already names one of these channels, that stands.
-- After the default channel groups of Google Analytics 4 (https://support.google.com/analytics/answer/9756891).
-- reads:  touch
-- writes: temp table marketing_channel
-- one row per: distinct channel x utm_source x utm_medium x referrer x whether a campaign is named
create or replace temp table marketing_channel as
with told as (
    select distinct
        origin, replace(replace(channel, ' ', '_'), '-', '_') as channel, utm_source, campaign is not null as has_campaign,
        regexp_replace(utm_medium, '[ -]+', '_', 'g') as medium, referrer, coalesce(utm_source, referrer) as site
    from touch
),
kind as (
    select
        *,
        coalesce(regexp_matches(site, '(^|[.])(mail|webmail|gmail|gm|outlook|newsletter|e-?mail)([.]|$)'), false) as is_mail,
        coalesce(regexp_matches(
            site, '(^|[.])(google|googleads|adwords|bing|yahoo|duckduckgo|ecosia|baidu|yandex|qwant|startpage|naver|seznam|'
            'ask|aol|brave|sogou|daum)([.]|$)'
        ), false) as is_search,
        coalesce(regexp_matches(
            site, '(^|[.])(facebook|fb|instagram|ig|twitter|linkedin|lnkd|pinterest|reddit|tiktok|youtube|snapchat|'
            'threads|vk|xing|tumblr|quora|whatsapp|telegram|bsky|meta)([.]|$)|^(x[.]com|t[.]co|x)$'
        ), false) as is_social,
        coalesce(regexp_full_match(medium, '.*cp[cv].*|ppc|sem|retargeting|remarketing|paid.*|.*_paid'), false) as is_paid
    from told
)
select
    origin,
    case
        when channel in (
            'direct', 'organic_search', 'paid_search', 'email', 'social', 'paid_social', 'referral', 'affiliate',
            'display', 'sms', 'push'
        ) then channel
        when medium in ('affiliate', 'affiliates', 'partner') then 'affiliate'
        when medium in ('display', 'banner', 'interstitial', 'expandable', 'programmatic', 'cpm') then 'display'
        when medium in ('sms', 'text', 'mms') or utm_source = 'sms' then 'sms'
        when medium in ('push', 'web_push', 'app_push', 'notification') then 'push'
        when medium in ('email', 'e_mail', 'newsletter', 'mail') or (not is_paid and is_mail) then 'email'
        when is_paid and (is_social or medium like '%social%') then 'paid_social'
        when is_paid and (is_search or medium in ('sem', 'paid_search', 'paidsearch')) then 'paid_search'
        when is_paid then 'other'
        when medium in ('social', 'social_network', 'social_media', 'sm', 'organic_social') or is_social then 'social'
        when medium = 'organic' or is_search then 'organic_search'
        when medium in ('referral', 'link') or (medium is null and utm_source is null and referrer is not null)
            then 'referral'
        when medium is not null or utm_source is not null or has_campaign then 'other'
        else 'direct'
    end as channel
from kind
