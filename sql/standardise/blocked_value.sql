-- A steward's word blocks a value, or exempts it from being blocked by itself.
-- reads: identifier, address, name, order_source, configured_block, steward_block, prior.blocked_value
-- writes: std.blocked_value
-- one row per: identifier value that identifies nobody
-- parameters: $email_limit, $phone_limit (also of ids), $address_limit (distinct names), $run
-- by hand: set variable email_limit = 20; and read getvariable('email_limit') for $email_limit
with held as (
    select source, source_pk, id_type, id_match_key as id_value, block_reason from identifier
    union all
    select source, source_pk, 'address', address_key, null from address where address_key is not null
),

frequent as (
    select id_type, id_value
    from held
    group by id_type, id_value
    having count(*) > least($email_limit, $phone_limit, $address_limit)
),

-- First letter and consonants of what follows: Smith = Smyth, Jon = John, Maier = Meyer.
holder as (
    select
        held.id_type, held.id_value, held.source, held.source_pk,
        name.family_key[1] || regexp_replace(name.family_key[2:], '[aeiouyhw\s]', '', 'g') as family,
        case when length(name.given_key) > 1
            then name.given_key[1] || regexp_replace(name.given_key[2:], '[aeiouyhw\s]', '', 'g') end as given,
        name.source_pk is null and order_source.source is null as is_nameless
    from held
    join frequent using (id_type, id_value)
    left join name on name.source = held.source and name.source_pk = held.source_pk
    left join order_source on order_source.source = held.source
),

shared as (
    select
        id_type,
        id_value,
        count(distinct (source, source_pk)) as n_records,
        count(distinct family) as families,
        count(distinct given) as givens,
        count(distinct (source, source_pk)) filter (is_nameless) as nameless,
        case id_type when 'email' then $email_limit when 'address' then $address_limit else $phone_limit end as most
    from holder
    group by id_type, id_value
),

named as (
    select
        *,
        case when families = 0 then givens when givens = 0 then families else least(families, givens) end
            as n_distinct_names
    from shared
),

learned as (
    select
        id_type, id_value, n_records, n_distinct_names,
        case when n_distinct_names > most then 'distinct_names' else 'frequency' end as rule,
        'auto' as origin,
        2 as rank
    from named
    where n_distinct_names > most or nameless > 2 * most and id_type <> 'address'
),

built_in as (
    select
        id_type, id_value, count(distinct (source, source_pk)) as n_records, null::bigint as n_distinct_names,
        min(block_reason) as rule, 'global' as origin, 1 as rank
    from held
    where block_reason is not null
    group by id_type, id_value
),

configured as (
    select
        id_type, id_value, count(distinct (held.source, held.source_pk)) as n_records,
        null::bigint as n_distinct_names, 'configured' as rule, 'manual' as origin, 0 as rank
    from configured_block
    left join held using (id_type, id_value)
    group by id_type, id_value
),

by_steward as (
    select
        id_type, id_value, count(distinct (held.source, held.source_pk)) as n_records,
        null::bigint as n_distinct_names, 'steward' as rule, 'manual' as origin, 0.5 as rank
    from steward_block
    left join held using (id_type, id_value)
    where is_blocked
    group by id_type, id_value
),

by_itself as (
    select * from built_in
    union all
    select * from learned
),

united as (
    select * from configured
    union all
    select * from by_steward
    union all
    select by_itself.*
    from by_itself
    anti join (select id_type, id_value from steward_block where not is_blocked) as exempt using (id_type, id_value)
)

select
    united.id_type,
    united.id_value,
    united.n_records,
    coalesce(united.n_distinct_names, named.n_distinct_names) as n_distinct_names,
    united.rule,
    united.origin,
    coalesce(earlier.since_run, $run) as since_run
from united
left join named using (id_type, id_value)
left join prior.blocked_value as earlier
    on earlier.id_type = united.id_type and earlier.id_value = united.id_value and earlier.rule = united.rule
qualify row_number() over (partition by united.id_type, united.id_value order by united.rank) = 1
