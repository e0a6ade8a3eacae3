-- reads:  match.cluster_member, assigned, record_move, prior.profile_xref
-- writes: identity.profile_xref
-- one row per: live source record
-- parameters: $number (generation)
select
    member.source,
    member.source_pk,
    assigned.profile_id,
    member.link_method,
    member.link_score,
    case when before.profile_id = assigned.profile_id then before.linked_since_run else $number end
        as linked_since_run,
    case
        when before.profile_id = assigned.profile_id then before.prev_profile_id
        else record_move.last_profile_id
    end as prev_profile_id
from match.cluster_member as member
join assigned using (cluster_id)
left join record_move using (source, source_pk)
left join prior.profile_xref as before using (source, source_pk)
