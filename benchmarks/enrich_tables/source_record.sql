-- One million records of 400,000 people in four systems, and what unify would have made of them.
-- reads size(records)
-- one row per record
select
    ['shop_customer', 'crm_contact', 'mail_member', 'desk_user'][1 + n % 4] as source, n::varchar as source_pk,
    ['shop', 'crm', 'mail', 'desk'][1 + n % 4] as system,
    timestamp '2022-01-01' + to_seconds((hash(n, 1) % 100000000)::bigint) as source_created_at,
    timestamp '2024-01-01' + to_seconds((hash(n, 2) % 60000000)::bigint) as source_updated_at,
    n % 1009 = 5 as is_test, n % 2003 = 7 as is_staff, true as has_identity
from range((select records from size)) as record(n)
