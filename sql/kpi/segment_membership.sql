-- Stays in segments: those of the last generation go on under the ids of today, end where the definition no longer
-- holds, and begin where it newly does. Of two open stays that a merge brings together the earlier counts. Who asked
-- that the data be kept only (is_restricted) is in no segment. Stays of people who are gone are gone.
-- reads:  member, segment_definition, prior.segment_membership, identity.profile_alias, gold.customer_360, mart.basis
-- writes: gold.segment_membership
-- one row per: profile x segment x stay
with belongs as (
    select distinct member.profile_id, member.segment
    from member
    join gold.customer_360 as golden using (profile_id)
    where not golden.is_restricted
),
stayed as (
    select coalesce(alias.current_profile_id, last.profile_id) as profile_id, last.segment, last.entered_at, last.exited_at
    from prior.segment_membership as last
    left join identity.profile_alias as alias on alias.old_profile_id = last.profile_id
),
known as (
    select stayed.* from stayed semi join gold.customer_360 using (profile_id)
),
ended as (
    select profile_id, segment, entered_at, max(exited_at) as exited_at
    from known
    where exited_at is not null
    group by profile_id, segment, entered_at
),
open as (
    select profile_id, segment, min(entered_at) as entered_at
    from known
    where exited_at is null
    group by profile_id, segment
),
now as (
    select
        coalesce(open.profile_id, belongs.profile_id) as profile_id,
        coalesce(open.segment, belongs.segment) as segment,
        coalesce(open.entered_at, basis.as_of) as entered_at,
        if(belongs.profile_id is null, basis.as_of, null) as exited_at
    from open
    full join belongs using (profile_id, segment)
    cross join mart.basis as basis
)
select * from now
union all
select ended.* from ended anti join now using (profile_id, segment, entered_at)
