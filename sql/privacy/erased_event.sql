-- The event that ends an erased profile; its id is derived as in resolve/profile_event.sql.
-- reads:  ending (profile_id, run_number, run_id, at)
-- one row per: profile that ends
select
    left(sha256(concat_ws('|', run_number, 'erased', profile_id, '', '', '')), 24) as event_id,
    run_number,
    'erased' as event_type,
    profile_id,
    null::varchar as other_profile_id,
    null::varchar as source,
    null::varchar as source_pk,
    'erasure' as cause,
    'privacy request' as actor,
    run_id,
    "at"
from ending
