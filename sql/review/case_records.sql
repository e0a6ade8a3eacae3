-- How the records of the queue are called, for the list.
-- reads:  steward.review_item, steward.sample_item, std.source_record
-- writes: memory.review.case_record
-- one row per: record that a case or a sampled pair names
create or replace table memory.review.case_record as
with named as (
    select unnest(records) as record from steward.review_item
    union
    select source_a || ':' || pk_a from steward.sample_item
    union
    select source_b || ':' || pk_b from steward.sample_item
),
split as (
    select record, split_part(record, ':', 1) as source, substr(record, strpos(record, ':') + 1) as source_pk
    from named
)
select split.record, content.full_name, content.email_norm as email, content.phone_e164 as phone, content.city
from split
join std.source_record as content using (source, source_pk)
order by split.record
