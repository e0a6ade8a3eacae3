-- reads identity.profile, identity.profile_alias, identity.profile_event, prior.profile, prior.profile_alias
-- writes nothing
-- one row: counts that must be 0; every profile id ever issued has one fate (P5)
with recursive
unknown_status as (
    select profile_id as key from identity.profile
    where status is null or status not in ('active', 'merged', 'split', 'retired', 'erased')
),
twice as (
    select profile_id as key from identity.profile group by profile_id having count(*) > 1
),
forgotten as (
    select before.profile_id as key
    from prior.profile as before
    anti join identity.profile using (profile_id)
),
issued_again as (
    -- an id that ended may live again only as itself, told by an event; a new id must be new
    select now.profile_id as key
    from identity.profile as now
    join prior.profile as before using (profile_id)
    anti join (
        select profile_id from identity.profile_event where run_number = $number and event_type = 'reinstated'
    ) as reinstated using (profile_id)
    where now.created_run is distinct from before.created_run
        or (now.status = 'active' and before.status <> 'active')
),
risen as (
    select now.profile_id as key
    from identity.profile as now
    join prior.profile as before using (profile_id)
    where before.status = 'erased' and now.status <> 'erased'
),
unended as (
    select profile_id as key from identity.profile
    where (status = 'active') <> (retired_run is null)
),
chain as (
    -- where the ids that a merged one names end; a circle never ends and is cut off
    select profile_id, survivor_profile_id as heir, 1 as steps from identity.profile where status = 'merged'
    union all
    select chain.profile_id, next.survivor_profile_id, chain.steps + 1
    from chain
    join identity.profile as next on next.profile_id = chain.heir and next.status = 'merged'
    where chain.steps < 50
),
chain_end as (
    select profile_id, arg_max(heir, steps) as heir, max(steps) as steps from chain group by profile_id
),
unresolved as (
    select chain_end.profile_id as key
    from chain_end
    left join identity.profile as carrier on carrier.profile_id = chain_end.heir
    left join identity.profile_alias as alias on alias.old_profile_id = chain_end.profile_id
    where carrier.profile_id is null or chain_end.steps >= 50
        or (carrier.status = 'active' and alias.current_profile_id is distinct from carrier.profile_id)
),
childless as (
    select parent.profile_id as key
    from identity.profile as parent
    anti join identity.profile as child on child.split_from = parent.profile_id
    where parent.status = 'split'
),
open_alias as (
    select alias.old_profile_id as key
    from identity.profile_alias as alias
    semi join identity.profile_alias as next on next.old_profile_id = alias.current_profile_id
),
stray_alias as (
    select alias.old_profile_id as key
    from identity.profile_alias as alias
    left join identity.profile as old on old.profile_id = alias.old_profile_id
    left join identity.profile as current on current.profile_id = alias.current_profile_id
    where old.profile_id is null or old.status = 'active' or current.profile_id is null
        or current.status <> 'active'
),
alias_twice as (
    select old_profile_id as key from identity.profile_alias group by old_profile_id having count(*) > 1
),
lost_alias as (
    -- an alias ends only with the profile it led to, or when its own id lives again
    select before.old_profile_id as key
    from prior.profile_alias as before
    anti join identity.profile_alias as now using (old_profile_id)
    semi join identity.profile as target
        on target.profile_id = before.current_profile_id and target.status = 'active'
    anti join identity.profile as again
        on again.profile_id = before.old_profile_id and again.status in ('active', 'erased')
),
event_of_nobody as (
    select event.event_id as key
    from identity.profile_event as event
    anti join identity.profile using (profile_id)
)
select
    (select count(*) from unknown_status) as profiles_without_fate,
    (select min(key, 3) from unknown_status) as profiles_without_fate_examples,
    (select count(*) from twice) as profile_ids_twice,
    (select min(key, 3) from twice) as profile_ids_twice_examples,
    (select count(*) from forgotten) as profile_ids_forgotten,
    (select min(key, 3) from forgotten) as profile_ids_forgotten_examples,
    (select count(*) from issued_again) as profile_ids_issued_again,
    (select min(key, 3) from issued_again) as profile_ids_issued_again_examples,
    (select count(*) from risen) as erased_profiles_back,
    (select min(key, 3) from risen) as erased_profiles_back_examples,
    (select count(*) from unended) as profiles_with_wrong_end,
    (select min(key, 3) from unended) as profiles_with_wrong_end_examples,
    (select count(*) from unresolved) as merged_without_active_id,
    (select min(key, 3) from unresolved) as merged_without_active_id_examples,
    (select count(*) from childless) as split_without_children,
    (select min(key, 3) from childless) as split_without_children_examples,
    (select count(*) from open_alias) as aliases_of_aliases,
    (select min(key, 3) from open_alias) as aliases_of_aliases_examples,
    (select count(*) from stray_alias) as aliases_astray,
    (select min(key, 3) from stray_alias) as aliases_astray_examples,
    (select count(*) from alias_twice) as aliases_twice,
    (select min(key, 3) from alias_twice) as aliases_twice_examples,
    (select count(*) from lost_alias) as aliases_lost,
    (select min(key, 3) from lost_alias) as aliases_lost_examples,
    (select count(*) from event_of_nobody) as events_of_no_profile,
    (select min(key, 3) from event_of_nobody) as events_of_no_profile_examples;
