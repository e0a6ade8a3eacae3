-- Figures of unify for the report and the gate; counts and shares, no values.
-- reads:  gold.profile_core, gold.field_lineage, gold.contact_point, gold.consent, gold.consent_event, source_system
-- writes: –
-- one row per: figure
with filled as (
    unpivot (
        select
            avg((full_name is not null)::integer) as name,
            avg((given_name is not null)::integer) as given_name,
            avg((family_name is not null)::integer) as family_name,
            avg((email is not null)::integer) as email,
            avg((phone is not null)::integer) as phone,
            avg((address_line1 is not null)::integer) as address,
            avg((city is not null)::integer) as city,
            avg((postal_code is not null)::integer) as postal_code,
            avg((country_iso2 is not null)::integer) as country,
            avg((birth_date is not null)::integer) as birth_date,
            avg((gender is not null)::integer) as gender,
            avg((company is not null)::integer) as company
        from gold.profile_core
    ) on columns(*) into name field value share
),
winner as (
    select lineage.field_group, lineage.rule, lineage.n_candidates, source.system
    from gold.field_lineage as lineage
    join (select source, min(system) as system from source_system group by source) as source
        on source.source = lineage.winning_source
),
conflicting as (
    select profile_id, channel, purpose
    from gold.consent_event
    where profile_id is not null and status <> 'unknown'
    group by profile_id, channel, purpose
    having count(distinct status) > 1
)
select 'profiles' as name, count(*)::double as value from gold.profile_core
union all
select 'records', coalesce(sum(n_source_records), 0)::double from gold.profile_core
union all
select 'contact_points:' || type, count(*)::double from gold.contact_point group by type
union all
select 'shared_contact_points:' || type, count(*)::double from gold.contact_point where is_shared group by type
union all
select 'golden_conflicts:' || field_group, count(*) filter (n_candidates > 1)::double from winner group by field_group
union all
select 'winner:' || field_group || ':' || system, count(*)::double from winner group by field_group, system
union all
select 'rule:' || field_group || ':' || rule, count(*)::double from winner group by field_group, rule
union all
select 'fill:' || field, share from filled
union all
select 'consent:' || channel || ':' || status, count(*)::double from gold.consent group by channel, status
union all
select 'consent_conflicts', count(*)::double from conflicting
union all
select 'consent_statements_without_profile', count(*)::double from gold.consent_event where profile_id is null
order by name
