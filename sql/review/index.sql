-- Where the rows about a profile, a record or a value stand, in memory: tables are ordered by their keys, and a page asks
-- by others. Values are hashed: this holds no word of a person but what the queue shows.
-- reads:  the published generation
-- writes: memory.review.*
create schema if not exists memory.review;
create or replace table memory.review.member as
select profile_id, rowid as place from identity.profile_xref order by profile_id;
create or replace table memory.review.home as
select hash(source, source_pk) as h, rowid as place from identity.profile_xref order by h;
create or replace table memory.review.record as
select hash(source, source_pk) as h, rowid as place from std.source_record order by h;
create or replace table memory.review.pair_end as
select hash(source_a, pk_a) as h, rowid as place from match.candidate_pair where outcome <> 'no'
union all
select hash(source_b, pk_b) as h, rowid as place from match.candidate_pair where outcome <> 'no'
order by h;
create or replace table memory.review.identifier as
select hash(id_match_key) as h, rowid as place from std.identifier where id_match_key is not null order by h;
create or replace table memory.review.identifier_of as
select hash(source, source_pk) as h, rowid as place from std.identifier order by h;
create or replace table memory.review.name as
select hash(given_key, family_key) as h, hash(family_key) as family, rowid as place from std.name
where family_key is not null order by h;
create or replace table memory.review.family as select family, place from memory.review.name order by family;
create or replace table memory.review.orders as
select profile_id, rowid as place from gold.orders where profile_id is not null order by profile_id;
create or replace table memory.review.order_number as
select hash(lower(ltrim(number, '#'))) as h, place
from (
    select order_id as number, rowid as place from gold.orders
    union
    select title, rowid from gold.orders where title is not null
)
order by h;
create or replace table memory.review.touch as
select profile_id, rowid as place from gold.touchpoint where profile_id is not null order by profile_id;
create or replace table memory.review.event as
select profile_id, rowid as place from identity.profile_event
union all
select other_profile_id, rowid from identity.profile_event where other_profile_id is not null
order by profile_id;
