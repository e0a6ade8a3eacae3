-- reads:  match.candidate_pair, std.source_record, std.identifier, identity.profile_xref
-- writes: nothing
-- one row per: side of an example pair: five pairs of each band, drawn by the hash of their keys
-- parameters: $link_threshold, $review_threshold (match probabilities)
with banded as (
    select
        source_a, pk_a, source_b, pk_b,
        case
            when outcome in ('vetoed', 'no') then 7
            when stage <> 'fuzzy' then 1
            when outcome = 'link' and match_probability >= (1 + $link_threshold) / 2 then 2
            when outcome = 'link' and match_probability >= $link_threshold then 3
            when outcome = 'link' then 4
            when match_probability >= ($link_threshold + $review_threshold) / 2 then 5
            else 6
        end as band
    from match.candidate_pair
    where outcome <> 'no' or match_probability >= $review_threshold
),
drawn as (
    select
        band,
        unnest(min(
            struct_pack(
                draw := hash(source_a, pk_a, source_b, pk_b),
                source_a := source_a, pk_a := pk_a, source_b := source_b, pk_b := pk_b
            ),
            5
        )) as pair
    from banded
    group by band
),
ranked as (
    select band, unnest(pair), row_number() over (partition by band order by pair) as rank
    from drawn
),
sampled as (
    select p.*, r.band, r.rank
    from match.candidate_pair as p
    join ranked as r using (source_a, pk_a, source_b, pk_b)
),
sides as (
    select band, rank, 'a' as side, source_a as source, pk_a as source_pk from sampled
    union all
    select band, rank, 'b' as side, source_b as source, pk_b as source_pk from sampled
),
identifiers as (
    select
        source, source_pk,
        list(id_match_key order by position, id_match_key) filter (where id_type = 'email') as emails,
        list(id_match_key order by position, id_match_key) filter (where id_type = 'phone') as phones,
        list(id_type || ' ' || id_match_key order by id_type, id_match_key)
            filter (where id_type not in ('email', 'phone')) as ids
    from std.identifier semi join sides using (source, source_pk)
    group by all
)
select
    s.band, s.rank, s.side, s.source, s.source_pk, x.profile_id,
    p.stage, p.rule_id, p.blocking_rule, p.match_weight, p.match_probability, p.comparison_vector, p.outcome, p.vetoed_by,
    r.given_name, r.middle_name, r.family_name, r.suffix, r.full_name, r.gender, r.birth_date, r.birth_year, r.company,
    i.emails, i.phones, i.ids, r.house_number, r.street, r.unit, r.address_line1, r.city, r.postal_code, r.country_iso2,
    r.source_updated_at
from sides as s
join sampled as p using (band, rank)
left join (select * from std.source_record semi join sides using (source, source_pk)) as r
    on r.source = s.source and r.source_pk = s.source_pk
left join identifiers as i on i.source = s.source and i.source_pk = s.source_pk
left join (select * from identity.profile_xref semi join sides using (source, source_pk)) as x
    on x.source = s.source and x.source_pk = s.source_pk
order by s.band, s.rank, s.side;
