-- reads size(records)
-- one row per ticket
select
    'desk_ticket' as source, n::varchar as ticket_id, 'shop_customer' as person_source,
    (4 * (hash(n, 1) % (records // 4)))::varchar as person_pk,
    timestamp '2024-06-01' + to_seconds((hash(n, 2) % 50000000)::bigint) as created_at,
    ['open', 'closed', 'solved'][1 + (hash(n, 3) % 3)::integer] as status, 'web' as channel,
    ['good', 'bad', 'offered', null][1 + (hash(n, 4) % 4)::integer] as satisfaction,
    (hash(n, 5) % 500)::integer as first_reply_minutes
from range((select records * 2 // 10 from size)) as ticket(n)
cross join size
