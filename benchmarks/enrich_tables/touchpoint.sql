-- reads size(records)
-- one row per interaction: 38 for ten records: pages by cookie, e-mails sent, opened and clicked, clicks on ads, checkouts left
select
    ['web_event', 'mail_sent', 'mail_open', 'mail_click', 'ads_click', 'shop_checkout'][kind] as source,
    n::varchar as source_pk,
    'shop_customer' as person_source,
    (4 * floor(hash(n // 3, 1) % 1000003 / 1000003.0 * records / 4))::bigint::varchar as person_pk,
    timestamp '2024-06-01' + to_seconds((hash(n // 3, 2) % 50000000 + n % 3 * 300)::bigint) as occurred_at,
    ['web', 'email', 'email', 'email', 'ads', 'online'][kind] as channel,
    ['page', 'email_sent', 'email_opened', 'email_clicked', 'ad_clicked', 'checkout_abandoned'][kind] as touch_type,
    'campaign' || hash(n, 5) % 40 as campaign,
    if(kind = 1, ['google', 'newsletter', 'facebook', null][1 + (hash(n // 3, 6) % 4)::integer], null) as utm_source,
    if(kind = 1, ['cpc', 'email', 'social', null][1 + (hash(n // 3, 6) % 4)::integer], null) as utm_medium,
    if(kind = 1, 'visitor' || hash(n // 3, 1) % 1000003, null) as visitor_id,
    if(kind = 1, '/page/' || hash(n, 7) % 100, null) as page,
    if(kind = 3, hash(n, 8) % 5 = 0, null) as is_machine
from (
    select n, records, [1, 1, 1, 1, 2, 2, 3, 4, 5, 6][1 + (hash(n // 3, 4) % 10)::integer] as kind
    from range((select records * 38 // 10 from size)) as touch(n)
    cross join size
)
