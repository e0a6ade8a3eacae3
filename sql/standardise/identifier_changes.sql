-- reads: identifier (of one source object, as kept), std.blocked_value
-- one row: whether any of these identifiers is blocked otherwise than its value alone says
select
    count(*) filter (
        identifier.is_blocked <> (blocked.id_value is not null)
        or identifier.block_reason is distinct from blocked.rule
    ) > 0 as is_changed
from identifier
left join std.blocked_value as blocked
    on blocked.id_type = identifier.id_type and blocked.id_value = identifier.id_match_key
