-- reads gold.customer_360, gold.contact_point, gold.field_lineage, identity.profile_xref, std.identifier,
--       std.blocked_value
-- writes nothing
-- one row: counts that must be 0; contact points are the profile's own, all kept, never a blocked one in front.
-- A value that a steward typed is a person's word and is no record's.
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with member as not materialized (
    select profile_id, hash(profile_id) as owner, hash(source, source_pk) as record from identity.profile_xref
),
own as materialized (
    select
        member.owner, identifier.id_type as type,
        hash(member.owner, identifier.id_type, identifier.id_value_norm) as point,
        coalesce(identifier.is_blocked, false) or blocked.id_value is not null as is_blocked
    from std.identifier as identifier
    join (select owner, record from member) as member on member.record = hash(identifier.source, identifier.source_pk)
    left join std.blocked_value as blocked
        on blocked.id_type = identifier.id_type and blocked.id_value = identifier.id_match_key
    where identifier.id_type in ('email', 'phone')
),
golden as materialized (
    select profile_id, 'email' as type, hash(hash(profile_id), 'email', email) as point
    from gold.customer_360 where email is not null
    union all
    select profile_id, 'phone', hash(hash(profile_id), 'phone', phone) from gold.customer_360 where phone is not null
),
kept as materialized (
    select profile_id, type, hash(hash(profile_id), type, value) as point, is_primary
    from gold.contact_point
    where type in ('email', 'phone') or is_primary
),
by_steward as (
    select profile_id, field_group as type from gold.field_lineage where rule = 'steward'
),
borrowed as (
    select golden.profile_id || ' ' || golden.type as key
    from golden
    anti join own using (point)
    anti join by_steward using (profile_id, type)
),
blocked_golden as (
    select profile_id || ' ' || type as key
    from golden
    semi join (select point from own where is_blocked) as blocked using (point)
),
lost as (
    select any_value(member.profile_id || ' ' || point.type) as key
    from (select * from own anti join kept using (point)) as point
    join member using (owner)
    group by point
),
foreign_point as (
    select kept.profile_id || ' ' || kept.type as key
    from kept
    anti join own using (point)
    anti join by_steward on by_steward.profile_id = kept.profile_id and by_steward.type = kept.type and kept.is_primary
    where kept.type in ('email', 'phone')
),
front as materialized (
    select profile_id, type, point, hash(profile_id, type) as place from kept where is_primary
),
crowded as (
    select place from front group by place having count(*) > 1
),
two_fronts as (
    select any_value(profile_id || ' ' || type) as key from front semi join crowded using (place) group by place
),
unlike as (
    select profile_id, type from golden anti join front using (point)
    union
    select profile_id, type from front anti join golden using (point) where type in ('email', 'phone')
),
other_front as (
    select profile_id || ' ' || type as key
    from unlike
    anti join crowded on crowded.place = hash(unlike.profile_id, unlike.type)
)
select
    (select count(*) from borrowed) as golden_contacts_not_own,
    (select min(key, 3) from borrowed) as golden_contacts_not_own_examples,
    (select count(*) from blocked_golden) as blocked_values_golden,
    (select min(key, 3) from blocked_golden) as blocked_values_golden_examples,
    (select count(*) from lost) as contact_points_lost,
    (select min(key, 3) from lost) as contact_points_lost_examples,
    (select count(*) from foreign_point) as contact_points_not_own,
    (select min(key, 3) from foreign_point) as contact_points_not_own_examples,
    (select count(*) from two_fronts) as two_primary_contacts,
    (select min(key, 3) from two_fronts) as two_primary_contacts_examples,
    (select count(*) from other_front) as primary_contacts_not_golden,
    (select min(key, 3) from other_front) as primary_contacts_not_golden_examples;
