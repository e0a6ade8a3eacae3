-- reads std.source_record, std.name, std.identifier, std.address, std.attribute, std.consent_event, std.order,
--       std.order_item, std.touchpoint, std.ticket, std.survey_response, std.blocked_value
-- writes nothing
-- one row: counts that must be 0; keys are there, are unique and lead to a record
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with keyless as (
    select coalesce(source, '?') || ' file ' || coalesce(sha256, '?') || ' row ' || coalesce(row_number, 0) as key
    from std.source_record
    where coalesce(source, '') = '' or coalesce(source_pk, '') = ''
),
record as materialized (
    select hash(source, source_pk) as place from std.source_record
),
crowded as (
    select place from record group by place having count(*) > 1
),
twice as (
    select any_value(source || ' ' || source_pk) as key
    from std.source_record
    semi join crowded on crowded.place = hash(source, source_pk)
    group by source, source_pk
),
part as (
    select source, source_pk, 'name' as kind from std.name
    union all
    select source, source_pk, 'identifier' from std.identifier
    union all
    select source, source_pk, 'address' from std.address
    union all
    select source, source_pk, 'attribute' from std.attribute
),
orphan as (
    select distinct kind || ' of ' || source || ' ' || source_pk as key
    from part
    anti join record on record.place = hash(part.source, part.source_pk)
),
crowded_identifier as (
    select hash(source, source_pk, id_type, id_value_norm) as place
    from std.identifier
    group by place
    having count(*) > 1
),
identifier_twice as (
    select any_value(source || ' ' || source_pk) as key
    from std.identifier
    semi join crowded_identifier on crowded_identifier.place = hash(source, source_pk, id_type, id_value_norm)
    group by source, source_pk, id_type, id_value_norm
),
incomplete_identifier as (
    select source || ' ' || source_pk as key
    from std.identifier
    where coalesce(id_type, '') = '' or coalesce(id_value_norm, '') = '' or coalesce(id_match_key, '') = ''
),
unexplained_block as (
    select source || ' ' || source_pk as key
    from std.identifier
    where is_blocked and coalesce(block_reason, '') = ''
),
event_key as not materialized (
    select source, order_id as event_pk, 'order' as kind from std.order
    union all
    select source, source_pk, 'touchpoint' from std.touchpoint
    union all
    select source, ticket_id, 'ticket' from std.ticket
    union all
    select source, response_id, 'survey response' from std.survey_response
),
crowded_event as (
    select hash(kind, source, event_pk) as place from event_key group by place having count(*) > 1
),
event_twice as (
    select any_value(kind || ' ' || source || ' ' || event_pk) as key
    from event_key
    semi join crowded_event on crowded_event.place = hash(kind, source, event_pk)
    group by kind, source, event_pk
),
event_keyless as (
    select kind || ' of ' || coalesce(source, '?') as key
    from event_key
    where coalesce(source, '') = '' or coalesce(event_pk, '') = ''
),
item_orphan as (
    select distinct item.source || ' ' || item.order_id as key
    from std.order_item as item
    anti join std.order as placed on hash(placed.source, placed.order_id) = hash(item.source, item.order_id)
)
select
    (select count(*) from keyless) as records_without_key,
    (select min(key, 3) from keyless) as records_without_key_examples,
    (select count(*) from twice) as record_keys_twice,
    (select min(key, 3) from twice) as record_keys_twice_examples,
    (select count(*) from orphan) as parts_of_no_record,
    (select min(key, 3) from orphan) as parts_of_no_record_examples,
    (select count(*) from identifier_twice) as identifiers_twice,
    (select min(key, 3) from identifier_twice) as identifiers_twice_examples,
    (select count(*) from incomplete_identifier) as incomplete_identifiers,
    (select min(key, 3) from incomplete_identifier) as incomplete_identifiers_examples,
    (select count(*) from unexplained_block) as blocked_without_reason,
    (select min(key, 3) from unexplained_block) as blocked_without_reason_examples,
    (select count(*) from event_twice) as event_keys_twice,
    (select min(key, 3) from event_twice) as event_keys_twice_examples,
    (select count(*) from event_keyless) as events_without_key,
    (select min(key, 3) from event_keyless) as events_without_key_examples,
    (select count(*) from item_orphan) as order_items_of_no_order,
    (select min(key, 3) from item_orphan) as order_items_of_no_order_examples;
