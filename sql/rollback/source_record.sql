-- The records of the generation one goes back to. What they say does not matter: why each moves is a person's word.
-- reads:  back.profile_xref
-- writes: std.source_record (for the identity queries)
-- one row per: live record of that generation
create schema if not exists std;
create or replace view std.source_record as
select source, source_pk, null::varchar as record_hash from back.profile_xref
