-- Profiles that keep the rows of the run before, because nothing that unify reads of them changed since: they have the
-- records they had, none joined since, and nothing was said otherwise of any of these, by sources or by stewards.
-- reads:  identity.profile_xref, before.profile_core, restated (source, source_pk), golden_record (source, source_pk),
--         std.address, std.blocked_value, before.blocked_value
-- writes: temp table carried
-- one row per: profile that keeps its rows; none where there is no run to go on from
-- parameters: $number (of the run)
-- by hand: set variable number = 42; and read getvariable('number') for $number
create or replace temp table carried as
with held as (
    select profile_id, count(*) as n_records
    from identity.profile_xref
    group by profile_id
    having max(linked_since_run) < $number
),
known as (
    select held.profile_id
    from held
    join before.profile_core as core using (profile_id)
    where core.n_source_records = held.n_records
),
other_block as (
    -- addresses that are blocked in one of both runs
    select coalesce(now.id_value, earlier.id_value) as address_key
    from (select id_value from std.blocked_value where id_type = 'address') as now
    full join (select id_value from before.blocked_value where id_type = 'address') as earlier using (id_value)
    where now.id_value is null or earlier.id_value is null
),
other_record as (
    select source, source_pk from restated
    union
    select source, source_pk from golden_record
    union
    select address.source, address.source_pk from std.address as address semi join other_block using (address_key)
)
select profile_id
from known
anti join (
    select xref.profile_id from identity.profile_xref as xref semi join other_record using (source, source_pk)
) using (profile_id)
