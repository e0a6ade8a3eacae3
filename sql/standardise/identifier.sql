-- reads: identifier, record (of one source object), further_email (addresses that an event names), std.blocked_value
-- writes: std.identifier
-- one row per: identifier of a record
with further as (
    select
        further_email.*,
        coalesce(have.positions, 0)
        + row_number() over (partition by source, source_pk order by id_value_norm) - 1 as position
    from further_email
    semi join record using (source, source_pk)
    left join (
        select source, source_pk, count(*) as positions from identifier where id_type = 'email' group by all
    ) as have using (source, source_pk)
    where not exists (
        select 1 from identifier as known
        where known.source = further_email.source and known.source_pk = further_email.source_pk
            and known.id_type = 'email' and known.id_value_norm = further_email.id_value_norm
    )
),

united as (
    select source, source_pk, id_type, id_value_norm, id_match_key, id_value_hash, position, is_valid from identifier
    union all
    select source, source_pk, id_type, id_value_norm, id_match_key, id_value_hash, position, is_valid from further
)

select
    united.*,
    blocked.id_value is not null as is_blocked,
    blocked.rule as block_reason
from united
left join std.blocked_value as blocked
    on blocked.id_type = united.id_type and blocked.id_value = united.id_match_key
