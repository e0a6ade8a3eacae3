-- Automatic answers about pairs of records by kind, with the pairs of each kind that come first. Each pair has its
-- permanent random number: the keyed hash of its records (Ohlsson 1995, "Coordination of samples using permanent random
-- numbers"). What a steward decided is not automatic and left out.
-- reads:  match.candidate_pair, match.scored_pair, numbered, identity.profile_xref, steward.opinion
-- writes: sampled_kind (temporary)
-- one row per: kind of automatic answer about pairs that were compared and are at or above the floor of link
-- parameters: $sample_key, $review_weight, $wanted (pairs of each kind)
create or replace temp table sampled_kind as
with kept as (
    select
        pair.source_a, pair.pk_a, pair.source_b, pair.pk_b, pair.match_weight, pair.comparison_vector,
        case
            when pair.outcome = 'link' and pair.stage = 'deterministic' then 'joined_by_rule'
            when pair.outcome = 'link' and pair.match_probability >= 0.999 then 'joined_sure'
            when pair.outcome = 'link' and pair.match_probability >= 0.95 then 'joined_likely'
            when pair.outcome = 'link' then 'joined_by_others'
            when pair.outcome = 'vetoed' then 'apart_vetoed'
            else 'apart_review'
        end as stratum
    from match.candidate_pair as pair
    where pair.outcome in ('link', 'vetoed', 'review') and pair.stage <> 'steward'
),
low as (
    select left_record, right_record, match_weight, comparison_vector
    from match.scored_pair
    where match_weight < $review_weight and rule_id is null
),
placed as (
    select numbered.record, numbered.source, numbered.source_pk, xref.profile_id
    from numbered
    join identity.profile_xref as xref using (source, source_pk)
),
unlikely as (
    select
        one.source as source_a, one.source_pk as pk_a, other.source as source_b, other.source_pk as pk_b,
        low.match_weight, low.comparison_vector, 'apart_unlikely' as stratum
    from low
    join placed as one on one.record = low.left_record
    join placed as other on other.record = low.right_record
    where one.profile_id <> other.profile_id
),
every as (
    select * from kept
    union all by name
    select unlikely.* from unlikely
    anti join kept using (source_a, pk_a, source_b, pk_b)
),
reviewed as (
    select stratum, count(distinct item_id) as n from steward.opinion group by stratum
)
select
    stratum, count(*) as pairs,
    -- as many as are wanted, and those that were reviewed
    min(
        {
            'draw': (md5_number(concat_ws('|', $sample_key, source_a, pk_a, source_b, pk_b)) >> 64)::ubigint,
            'source_a': source_a, 'pk_a': pk_a, 'source_b': source_b, 'pk_b': pk_b,
            'match_weight': match_weight, 'comparison_vector': comparison_vector
        },
        greatest($wanted + coalesce(reviewed.n, 0), 1)
    ) as lowest
from every
left join reviewed using (stratum)
group by stratum
