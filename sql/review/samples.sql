-- reads:  steward.sample_item, identity.profile_xref, memory.review.record
-- one row per: sampled pair
select
    item.item_id, item.stratum, item.is_double, [item.source_a || ':' || item.pk_a, item.source_b || ':' || item.pk_b]
        as records, [a.profile_id, b.profile_id] as profile_ids
from steward.sample_item as item
join identity.profile_xref as a on a.source = item.source_a and a.source_pk = item.pk_a
join identity.profile_xref as b on b.source = item.source_b and b.source_pk = item.pk_b
order by item.stratum, item.item_id
