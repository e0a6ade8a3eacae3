-- Who buys to sell on, by the configured rules; the first that holds is named. An e-mail's domain counts with its
-- subdomains, companies are compared by their letters and digits; the order volume is the largest number of orders
-- within any 365 days.
-- reads:  identity.profile_xref, std.source_record, std.identifier, gold.orders
-- writes: temp table reseller
-- one row per: profile to which a rule applies
-- parameters: $tags, $email_domains, $companies (lists, lower case), $orders_per_year (null: no limit)
-- by hand: set variable tags = ['wholesale']; … and read getvariable('tags') for $tags
create or replace temp table reseller as
with tagged as (
    select distinct xref.profile_id
    from std.source_record as record
    join identity.profile_xref as xref using (source, source_pk)
    where list_has_any(record.tags, $tags::varchar[])
),
wholesale_domain as (
    select unnest($email_domains::varchar[]) as domain
),
of_domain as (
    select distinct xref.profile_id
    from std.identifier as identifier
    join identity.profile_xref as xref using (source, source_pk)
    join wholesale_domain
        on split_part(identifier.id_value_norm, '@', -1) = wholesale_domain.domain
        or ends_with(identifier.id_value_norm, '.' || wholesale_domain.domain)
    where identifier.id_type = 'email'
),
wholesale_company as (
    select regexp_replace(lower(strip_accents(unnest($companies::varchar[]))), '[^\p{L}\p{N}]+', '', 'g') as company
),
of_company as (
    select distinct xref.profile_id
    from std.source_record as record
    join wholesale_company
        on regexp_replace(lower(strip_accents(record.company)), '[^\p{L}\p{N}]+', '', 'g') = wholesale_company.company
    join identity.profile_xref as xref using (source, source_pk)
    where record.company is not null
),
volume as (
    select
        profile_id,
        count(*) over (
            partition by profile_id order by order_at range between interval 365 day preceding and current row
        ) as orders
    from gold.orders
    where $orders_per_year is not null and profile_id is not null and not is_test and order_at is not null
),
found as (
    select profile_id, 1 as place, 'tag' as rule from tagged
    union all
    select profile_id, 2, 'email_domain' from of_domain
    union all
    select profile_id, 3, 'company' from of_company
    union all
    select profile_id, 4, 'order_volume' from volume group by profile_id having max(orders) > $orders_per_year::bigint
)
select profile_id, arg_min(rule, place) as rule from found group by profile_id
