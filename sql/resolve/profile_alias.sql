-- Retired ids and the active id that carries each on, transitively closed.
-- reads:  identity.profile, prior.profile_alias
-- writes: identity.profile_alias
-- one row per: retired id that another carries on
with recursive chain as (
    select profile_id as old_profile_id, survivor_profile_id as current_profile_id, retired_run
    from identity.profile
    where status = 'merged'
    union all
    select chain.old_profile_id, next.survivor_profile_id, chain.retired_run
    from chain
    join identity.profile as next on next.profile_id = chain.current_profile_id and next.status = 'merged'
)
select chain.old_profile_id, chain.current_profile_id, coalesce(before.since_run, chain.retired_run) as since_run
from chain
join identity.profile as current on current.profile_id = chain.current_profile_id and current.status = 'active'
left join prior.profile_alias as before on before.old_profile_id = chain.old_profile_id
