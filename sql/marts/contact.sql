-- What people did themselves, a visit being one.
-- reads:  own_touch
-- writes: temp table contact
-- one row per: visit, and interaction outside of visits
create or replace temp table contact as
select profile_id, touchpoint_id, channel, campaign, touched_at from own_touch where session_id is null
union all
select
    profile_id, min(touchpoint_id), arg_min(channel, (touched_at, touchpoint_id)),
    arg_min(campaign, (touched_at, touchpoint_id)), min(touched_at)
from own_touch
where session_id is not null
group by profile_id, session_id
