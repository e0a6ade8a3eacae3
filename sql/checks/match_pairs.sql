-- reads match.candidate_pair, std.source_record
-- writes nothing
-- one row: counts that must be 0, and candidate pairs a record
-- Keys are compared by their 64-bit hash, which needs no text to be kept: a fault could hide behind an equal hash
-- once in ten million runs.
with unordered as (
    select source_a || ' ' || pk_a as key from match.candidate_pair
    where (source_a, pk_a) >= (source_b, pk_b)
),
crowded as (
    select hash(source_a, pk_a, source_b, pk_b) as place
    from match.candidate_pair
    group by place
    having count(*) > 1
),
twice as (
    select any_value(source_a || ' ' || pk_a) as key
    from match.candidate_pair
    semi join crowded on crowded.place = hash(source_a, pk_a, source_b, pk_b)
    group by source_a, pk_a, source_b, pk_b
),
record as materialized (
    select hash(source, source_pk) as place from std.source_record
),
unknown_record as (
    select source || ' ' || source_pk as key
    from (
        select source_a as source, pk_a as source_pk
        from match.candidate_pair
        anti join record on record.place = hash(source_a, pk_a)
        union
        select source_b, pk_b
        from match.candidate_pair
        anti join record on record.place = hash(source_b, pk_b)
    )
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
