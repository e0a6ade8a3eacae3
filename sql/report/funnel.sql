-- reads:  std.source_record, std.identifier, identity.profile_xref
-- writes: nothing
-- one row per: step from source records to profiles
with strong as (
    select distinct hash(source, source_pk) as place
    from std.identifier
    where is_valid and not coalesce(is_blocked, false)
),
held as (
    select count(*) as records from identity.profile_xref group by hash(profile_id)
),
steps(position, step, n) as (
    select 1, 'source records', count(*) from std.source_record
    union all
    select 2, 'with something to resolve by', count(*) from std.source_record where has_identity
    union all
    select 3, 'with a usable e-mail, phone or id', count(*)
    from std.source_record semi join strong on strong.place = hash(source, source_pk)
    union all
    select 4, 'in a profile of several records', coalesce(sum(records), 0)::bigint from held where records > 1
    union all
    select 5, 'profiles', count(*) from held
    union all
    select 6, 'of these, profiles of one record', count(*) from held where records = 1
)
select step, n from steps order by position;
