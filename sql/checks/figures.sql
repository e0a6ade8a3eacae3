-- reads std.source_record, std.identifier, match.candidate_pair, identity.profile_xref, prior.profile_xref,
--       gold.customer_360, raw.file, raw.rejected
-- writes nothing
-- one row per figure of the run that is compared with the last published one; no values of people
with profile_size as (
    select profile_id, count(*) as n_records from identity.profile_xref group by profile_id
),
size_total as (
    select
        count(*) as profiles, coalesce(sum(n_records), 0)::bigint as records, coalesce(max(n_records), 0) as largest,
        count(*) filter (n_records > 1) as several
    from profile_size
),
known as (
    select count(*) as records, count(*) filter (now.profile_id <> before.profile_id) as changed
    from identity.profile_xref as now
    join prior.profile_xref as before using (source, source_pk)
),
profiles_before as (
    select count(distinct profile_id) as profiles from prior.profile_xref
),
delivery as (
    -- titles, footers and blank lines are rejected lines, but no rows that anybody lost
    select
        (select coalesce(sum(rows), 0)::bigint from raw.file where first_run = $number) as landed,
        (
            select count(*) from raw.rejected
            where first_run = $number and rule not in ('blank_line', 'blank_row', 'preamble', 'footer')
        ) as rejected
),
filled as (
    unpivot (
        select
            avg((given_name is not null)::integer) as given_name,
            avg((family_name is not null)::integer) as family_name,
            avg((email is not null)::integer) as email,
            avg((phone is not null)::integer) as phone,
            avg((address_line1 is not null)::integer) as address_line1,
            avg((city is not null)::integer) as city,
            avg((postal_code is not null)::integer) as postal_code,
            avg((country_iso2 is not null)::integer) as country_iso2,
            avg((birth_date is not null)::integer) as birth_date,
            avg((gender is not null)::integer) as gender,
            avg((company is not null)::integer) as company
        from gold.customer_360
    ) on columns(*) into name field value share
),
identified as (
    select id_type, count(distinct hash(source, source_pk)) as holders
    from std.identifier
    where id_type in ('email', 'phone')
    group by id_type
)
select 'profiles' as name, profiles::double as value from size_total
union all
select 'profiles_with_several_records', several from size_total
union all
select 'live_records', records from size_total
union all
select 'largest_profile', largest from size_total
union all
select 'known_records', records from known
union all
select 'changed_ids', changed from known
union all
select 'changed_ids_share', coalesce(changed / nullif(records, 0), 0) from known
union all
select 'profile_count_change', coalesce(size_total.profiles / nullif(profiles_before.profiles, 0) - 1, 0)
from size_total cross join profiles_before
union all
select 'reject_rate', coalesce(rejected / nullif(landed + rejected, 0), 0) from delivery
union all
select 'pairs_per_record', coalesce((select count(*) from match.candidate_pair) / nullif(records, 0), 0)
from size_total
union all
select 'identifier_share:' || id_type, holders / (select count(*) from std.source_record) from identified
union all
select 'fill_rate:' || field, share from filled
order by name;
