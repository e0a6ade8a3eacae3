-- reads identity.profile_xref, prior.profile_xref, std.identifier, std.name
-- writes nothing
-- one row: counts that must be 0, and how large and how mixed the profiles are
with profile_size as (
    select profile_id, count(*) as n_records from identity.profile_xref group by profile_id
),
oversize as (
    -- what a steward joined may be larger: a person looked at it
    select profile_id as key from profile_size
    where n_records > $max_records
        and profile_id not in (select profile_id from identity.profile_xref where link_method = 'steward_same')
),
immutable_value as (
    select xref.profile_id, identifier.id_type, count(distinct identifier.id_match_key) as n_values
    from std.identifier as identifier
    join identity.profile_xref as xref using (source, source_pk)
    where list_contains($immutable_types, identifier.id_type) and not coalesce(identifier.is_blocked, false)
    group by xref.profile_id, identifier.id_type
),
contradicted as (
    select profile_id || ' ' || id_type as key from immutable_value where n_values > 1
),
named as (
    -- as many names as that take as many records
    select
        xref.profile_id, count(distinct name.given_key) as given_names, count(distinct name.family_key) as family_names
    from std.name as name
    join identity.profile_xref as xref using (source, source_pk)
    semi join (select profile_id from profile_size where n_records > 3) as large using (profile_id)
    where name.position = 0
    group by xref.profile_id
),
size_now as (
    select least(n_records, 8) as bucket, count(*) as profiles from profile_size group by bucket
),
size_before as (
    select least(n_records, 8) as bucket, count(*) as profiles
    from (select count(*) as n_records from prior.profile_xref group by profile_id)
    group by bucket
),
size_share as (
    -- half a profile more in each bucket, so that none is empty
    select
        (coalesce(size_now.profiles, 0) + 0.5) / sum(coalesce(size_now.profiles, 0) + 0.5) over () as now_share,
        (coalesce(size_before.profiles, 0) + 0.5) / sum(coalesce(size_before.profiles, 0) + 0.5) over () as before_share
    from size_now
    full join size_before using (bucket)
    where exists (from size_before)
),
total as (
    select
        count(*) as profiles, coalesce(max(n_records), 0) as largest, coalesce(sum(n_records), 0)::bigint as records
    from profile_size
)
select
    (select count(*) from oversize) as profiles_above_cap,
    (select min(key, 3) from oversize) as profiles_above_cap_examples,
    (select count(*) from contradicted) as profiles_with_two_immutable_ids,
    (select min(key, 3) from contradicted) as profiles_with_two_immutable_ids_examples,
    -- says something from 100,000 records on: there a profile of 0.1 % holds a hundred
    if(total.records >= 100000, total.largest / total.records, 0) as largest_profile_share,
    coalesce((select count(*) from named where given_names > 3) / nullif(total.profiles, 0), 0)
        as many_given_names_share,
    coalesce((select count(*) from named where family_names > 3) / nullif(total.profiles, 0), 0)
        as many_family_names_share,
    -- Kullback-Leibler divergence of the sizes from the last published ones, buckets 1 to 7 and 8 or more
    coalesce((select sum(now_share * ln(now_share / before_share)) from size_share), 0) as size_divergence
from total;
