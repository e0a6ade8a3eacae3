-- Live records of the profiles to be worked out, with the numbers that the rest of unify sorts and joins by.
-- reads:  identity.profile_xref, std.source_record, source_bit, system_bit, carried
-- writes: temp table member
-- one row per: live record of a profile that is not carried over; record_no follows (source, source_pk) and is therefore a total tie-break
create or replace temp table member as
with looked_at as (
    select source, source_pk, profile_id from identity.profile_xref anti join carried using (profile_id)
),
profile as (
    select profile_id, row_number() over (order by profile_id)::integer as profile_no
    from (select distinct profile_id from looked_at)
),
record as (
    select source, source_pk, profile_id, row_number() over (order by source, source_pk)::integer as record_no
    from looked_at
)
select
    record.record_no,
    profile.profile_no,
    record.profile_id,
    record.source,
    record.source_pk,
    content.system,
    source_bit.bit as source_bit,
    system_bit.bit as system_bit,
    coalesce(content.source_created_at, content.source_updated_at) as first_at,
    coalesce(content.source_updated_at, content.source_created_at) as updated_at,
    content.birth_date,
    content.gender,
    content.company,
    coalesce(content.is_test, false) as is_test,
    coalesce(content.is_staff, false) as is_staff
from record
join profile using (profile_id)
join source_bit using (source)
left join std.source_record as content using (source, source_pk)
left join system_bit using (system)
