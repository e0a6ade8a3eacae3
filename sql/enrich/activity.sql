-- How often, when first and when last each profile did what, by channel and kind of interaction.
-- reads:  gold.touchpoint
-- writes: temp table activity
-- one row per: profile x channel x touch_type
create or replace temp table activity as
select
    profile_id, channel, touch_type,
    count(*) as n, min(occurred_at) as first_at, max(occurred_at) as last_at
from gold.touchpoint
where profile_id is not null
group by profile_id, channel, touch_type
