-- reads gold.customer_360, gold.contact_point, identity.profile_xref, std.identifier, std.blocked_value
-- writes nothing
-- one row: counts that must be 0; contact points are the profile's own, all kept, never a blocked one in front
with own as (
    select
        xref.profile_id, identifier.id_type as type, identifier.id_value_norm as value,
        bool_or(coalesce(identifier.is_blocked, false) or blocked.id_value is not null) as is_blocked
    from std.identifier as identifier
    join identity.profile_xref as xref using (source, source_pk)
    left join std.blocked_value as blocked
        on blocked.id_type = identifier.id_type and blocked.id_value = identifier.id_match_key
    where identifier.id_type in ('email', 'phone')
    group by xref.profile_id, identifier.id_type, identifier.id_value_norm
),
golden as (
    select profile_id, 'email' as type, email as value from gold.customer_360 where email is not null
    union all
    select profile_id, 'phone', phone from gold.customer_360 where phone is not null
),
borrowed as (
    select golden.profile_id || ' ' || golden.type as key
    from golden
    anti join own using (profile_id, type, value)
),
blocked_golden as (
    select golden.profile_id || ' ' || golden.type as key
    from golden
    join own using (profile_id, type, value)
    where own.is_blocked
),
lost as (
    select own.profile_id || ' ' || own.type as key
    from own
    anti join gold.contact_point using (profile_id, type, value)
),
foreign_point as (
    select point.profile_id || ' ' || point.type as key
    from gold.contact_point as point
    anti join own using (profile_id, type, value)
    where point.type in ('email', 'phone')
),
front as (
    select profile_id, type, min(value) as value, count(*) as fronts
    from gold.contact_point
    where is_primary
    group by profile_id, type
),
two_fronts as (
    select profile_id || ' ' || type as key from front where fronts > 1
),
other_front as (
    select coalesce(golden.profile_id, front.profile_id) || ' ' || coalesce(golden.type, front.type) as key
    from golden
    full join (select * from front where type in ('email', 'phone')) as front using (profile_id, type)
    where golden.value is distinct from front.value and coalesce(front.fronts, 1) = 1
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
