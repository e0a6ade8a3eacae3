-- What is different from the last published generation, for people: ids that came and went, values that changed, and
-- what moved with the day. Empty in the first generation.
-- By hand the last generation has to be at hand: attach 'w.state/generations/g000041.duckdb' as last (read_only);
-- create schema prior; create view prior.customer_360 as from last.gold.customer_360; and so for segment_membership.
-- reads:  gold.customer_360, prior.customer_360, identity.profile_event, gold.segment_membership,
--         prior.segment_membership, mart.basis
-- writes: mart.changes_since_last
-- one row per: profile x what changed
with pair as (
    select now, last
    from gold.customer_360 as now
    join prior.customer_360 as last using (profile_id)
    where (
        now.profile_hash, now.consent_email, now.consent_sms, now.consent_phone, now.is_restricted, now.orders,
        now.revenue, now.open_tickets, now.lifecycle_status, now.n_source_records
    ) is distinct from (
        last.profile_hash, last.consent_email, last.consent_sms, last.consent_phone, last.is_restricted, last.orders,
        last.revenue, last.open_tickets, last.lifecycle_status, last.n_source_records
    )
),
value_pair as (
    select now.profile_id, unnest([
        struct_pack(change := 'full_name', before := last.full_name, after := now.full_name),
        struct_pack(change := 'birth_date', before := last.birth_date::varchar, after := now.birth_date::varchar),
        struct_pack(change := 'gender', before := last.gender, after := now.gender),
        struct_pack(change := 'company', before := last.company, after := now.company),
        struct_pack(change := 'email', before := last.email, after := now.email),
        struct_pack(change := 'phone', before := last.phone, after := now.phone),
        struct_pack(change := 'address_line1', before := last.address_line1, after := now.address_line1),
        struct_pack(change := 'address_line2', before := last.address_line2, after := now.address_line2),
        struct_pack(change := 'city', before := last.city, after := now.city),
        struct_pack(change := 'region', before := last.region, after := now.region),
        struct_pack(change := 'postal_code', before := last.postal_code, after := now.postal_code),
        struct_pack(change := 'country_iso2', before := last.country_iso2, after := now.country_iso2),
        struct_pack(change := 'consent_email', before := last.consent_email, after := now.consent_email),
        struct_pack(change := 'consent_sms', before := last.consent_sms, after := now.consent_sms),
        struct_pack(change := 'consent_phone', before := last.consent_phone, after := now.consent_phone),
        struct_pack(
            change := 'is_restricted', before := coalesce(last.is_restricted, false)::varchar, after := now.is_restricted::varchar
        ),
        struct_pack(
            change := 'n_source_records', before := last.n_source_records::varchar,
            after := now.n_source_records::varchar
        ),
        struct_pack(change := 'orders', before := last.orders::varchar, after := now.orders::varchar),
        struct_pack(change := 'revenue', before := last.revenue::varchar, after := now.revenue::varchar),
        struct_pack(change := 'open_tickets', before := last.open_tickets::varchar, after := now.open_tickets::varchar),
        struct_pack(change := 'lifecycle_status', before := last.lifecycle_status, after := now.lifecycle_status)
    ], recursive := true)
    from pair
),
fate as (
    select
        profile_id, event_type as change,
        arg_min(other_profile_id, event_id) as other_profile_id
    from identity.profile_event
    where run_number = (select generation from mart.basis)
        and event_type in ('created', 'merged_into', 'split_from', 'retired', 'reinstated', 'erased')
        and exists (from prior.customer_360)
    group by profile_id, event_type
),
member as (
    select profile_id, segment, true as is_in
    from gold.segment_membership
    where exited_at is null
),
was_member as (
    select profile_id, segment, true as was_in
    from prior.segment_membership
    where exited_at is null
),
moved as (
    -- people who are in both generations: for the others the event says it
    select profile_id, segment, coalesce(was_in, false) as was_in, coalesce(is_in, false) as is_in
    from member
    full join was_member using (profile_id, segment)
    where (is_in is null or was_in is null)
        and profile_id in (select profile_id from gold.customer_360)
        and profile_id in (select profile_id from prior.customer_360)
)
select profile_id, if(change = 'lifecycle_status', 'time', 'field') as kind, change, before, after
from value_pair
where before is distinct from after and (change <> 'lifecycle_status' or before is not null)
union all
select profile_id, 'event', change, if(change = 'split_from', other_profile_id, null),
    if(change = 'merged_into', other_profile_id, null)
from fate
union all
select profile_id, 'time', 'segment:' || segment, if(was_in, 'in', 'out'), if(is_in, 'in', 'out')
from moved
