-- reads: further_email, std.blocked_value
-- one row: a digest of what `identifier` takes from other source objects
select
    (select (count(*), bit_xor(md5_number(further_email::varchar))) from further_email),
    (select (count(*), bit_xor(md5_number((id_type, id_value, rule)::varchar))) from std.blocked_value)
