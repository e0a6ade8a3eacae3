-- reads match.candidate_pair, std.source_record
-- writes nothing
-- one row: counts that must be 0, and candidate pairs a record
with unordered as (
    select source_a || ' ' || pk_a as key from match.candidate_pair
    where (source_a, pk_a) >= (source_b, pk_b)
),
twice as (
    select source_a || ' ' || pk_a as key from match.candidate_pair
    group by source_a, pk_a, source_b, pk_b
    having count(*) > 1
),
side as (
    select distinct source_a as source, pk_a as source_pk from match.candidate_pair
    union
    select distinct source_b, pk_b from match.candidate_pair
),
unknown_record as (
    select side.source || ' ' || side.source_pk as key
    from side
    anti join std.source_record using (source, source_pk)
),
out_of_range as (
    select source_a || ' ' || pk_a as key from match.candidate_pair
    where match_probability is null or isnan(match_probability) or match_probability not between 0 and 1
),
unknown_outcome as (
    select source_a || ' ' || pk_a as key from match.candidate_pair
    where outcome is null or outcome not in ('link', 'review', 'no', 'vetoed')
),
unfounded as (
    select source_a || ' ' || pk_a as key from match.candidate_pair
    where outcome = 'link' and rule_id is null and stage = 'fuzzy' and match_probability < $review_threshold
)
select
    (select count(*) from unordered) as pairs_out_of_order,
    (select min(key, 3) from unordered) as pairs_out_of_order_examples,
    (select count(*) from twice) as pairs_twice,
    (select min(key, 3) from twice) as pairs_twice_examples,
    (select count(*) from unknown_record) as paired_records_unknown,
    (select min(key, 3) from unknown_record) as paired_records_unknown_examples,
    (select count(*) from out_of_range) as probabilities_out_of_range,
    (select min(key, 3) from out_of_range) as probabilities_out_of_range_examples,
    (select count(*) from unknown_outcome) as unknown_outcomes,
    (select min(key, 3) from unknown_outcome) as unknown_outcomes_examples,
    (select count(*) from unfounded) as links_below_review_threshold,
    (select min(key, 3) from unfounded) as links_below_review_threshold_examples;
