-- reads:  memory.review.identifier, memory.review.name, memory.review.family, memory.review.order_number,
--         std.identifier, std.name, gold.orders, identity.profile_xref
-- one row per: record that holds the value, or order of the number; at most two hundred
-- parameters: $keys (match keys), $given, $family (folded name), $number (order number)
with held as (
    select identifier.source, identifier.source_pk, identifier.id_type as found_by
    from std.identifier as identifier
    join (
        select place from memory.review.identifier where h in (select hash(unnest($keys::varchar[])))
    ) as spot on identifier.rowid = spot.place
    where identifier.id_match_key in (select unnest($keys::varchar[]))
),
of_name as (
    select name.source, name.source_pk, 'name' as found_by
    from std.name as name
    join (
        select place from memory.review.name where $given <> '' and h = hash($given, $family)
        union
        (select place from memory.review.family where $given = '' and family = hash($family) limit 200)
    ) as spot on name.rowid = spot.place
    where name.family_key = $family and ($given = '' or name.given_key = $given)
),
ordered as (
    select orders.profile_id, 'order' as found_by
    from gold.orders as orders
    join (select place from memory.review.order_number where h = hash($number)) as spot on orders.rowid = spot.place
    where orders.profile_id is not null
)
select distinct profile_id, found_by
from (
    select xref.profile_id, found_by from held join identity.profile_xref as xref using (source, source_pk)
    union all
    select xref.profile_id, found_by from of_name join identity.profile_xref as xref using (source, source_pk)
    union all
    select profile_id, found_by from ordered
)
order by profile_id, found_by
limit 200
