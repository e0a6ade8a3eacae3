-- reads:  wanted_profile (profile_id), memory.review.touch, gold.touchpoint
-- one row per: interaction of a wanted profile, the latest first, at most sixty
select occurred_at, channel, touch_type, campaign, source, title, value, currency
from gold.touchpoint
join (
    select touch.place from memory.review.touch as touch semi join wanted_profile using (profile_id)
) as spot on gold.touchpoint.rowid = spot.place
order by occurred_at desc nulls last, touchpoint_id
limit 60
