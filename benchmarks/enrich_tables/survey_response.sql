-- reads size(records)
-- one row per answer
select
    'survey' as source, n::varchar as response_id, 'shop_customer' as person_source,
    (4 * (hash(n, 1) % (records // 4)))::varchar as person_pk, ['nps', 'csat'][1 + n % 2] as kind,
    if(n % 2 = 0, hash(n, 2) % 11, 1 + hash(n, 2) % 5) as score,
    timestamp '2024-06-01' + to_seconds((hash(n, 3) % 50000000)::bigint) as answered_at
from range((select records // 10 from size)) as answer(n)
cross join size
