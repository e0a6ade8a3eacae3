-- What records say, for people to compare.
-- reads:  wanted (source, source_pk), memory.review.record, memory.review.identifier_of, memory.review.home,
--         std.source_record,
--         std.identifier, identity.profile_xref
-- one row per: wanted record that is there
with place as (
    select place from memory.review.record as record
    join wanted on record.h = hash(wanted.source, wanted.source_pk)
),
content as (
    select source_record.*, source_record.rowid as number
    from std.source_record as source_record
    join place on source_record.rowid = place.place
),
placed as (
    select xref.*
    from identity.profile_xref as xref
    join (
        select home.place from memory.review.home as home
        join wanted on home.h = hash(wanted.source, wanted.source_pk)
    ) as spot on xref.rowid = spot.place
),
held as (
    select identifier.*
    from std.identifier as identifier
    join (
        select identifier_of.place from memory.review.identifier_of as identifier_of
        join wanted on identifier_of.h = hash(wanted.source, wanted.source_pk)
    ) as spot on identifier.rowid = spot.place
    semi join wanted using (source, source_pk)
),
listed as (
    select
        source, source_pk,
        list(id_value_norm order by position, id_value_norm) filter (where id_type = 'email') as emails,
        list(id_value_norm order by position, id_value_norm) filter (where id_type = 'phone') as phones,
        list(id_type || ' ' || id_value_norm order by id_type, id_value_norm)
            filter (where id_type not in ('email', 'phone')) as ids,
        list(id_value_norm order by id_value_norm) filter (where is_blocked) as blocked
    from held
    group by source, source_pk
)
select
    content.source, content.source_pk, content.number, content.system, content.source_created_at, content.source_updated_at,
    content.full_name, content.given_name, content.middle_name, content.family_name, content.suffix, content.gender,
    content.birth_date, content.birth_year, content.company, content.house_number, content.street, content.unit,
    content.address_line1, content.city, content.region, content.postal_code, content.country_iso2, content.is_test,
    content.is_staff, content.delivered_run, listed.emails, listed.phones, listed.ids, listed.blocked,
    xref.profile_id, xref.link_method, xref.link_score, xref.linked_since_run
from content
semi join wanted using (source, source_pk)
left join listed using (source, source_pk)
left join placed as xref using (source, source_pk)
order by content.source, content.source_pk
