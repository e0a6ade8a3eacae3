-- Survivorship: the order of the values of a profile in each field group.
-- Eligible first, then what a steward pinned or typed (the latest word first), then completeness, source priority,
-- recency, frequency (records that hold the value); source and key, the place inside the record and the value itself
-- break every tie. A value stands where its best record puts it: `best` is the least of these rows, from left to right.
-- An address counts as a contact point when it names a street, a post box, a town or a postal code.
-- reads:  candidate
-- writes: temp table standing
-- one row per: profile x field group x value; place 1 is the golden value when it is eligible
create or replace temp table standing as
with value as (
    select
        profile_no, field_group, value_key,
        min(struct_pack(
            is_ineligible := not is_eligible, word := -word, completeness := -completeness, priority := priority,
            updated_at := -epoch_us(updated_at), record_no := record_no, position := position
        )) as best,
        count(*) as n_records,
        count(*) filter (is_eligible) as n_eligible,
        bool_or(is_excluded) as is_excluded,
        bool_or(is_blocked) as is_blocked,
        max(completeness) as completeness,
        min(first_at) as first_seen,
        max(updated_at) as last_seen,
        bit_or(source_bit) as source_bits
    from candidate
    group by profile_no, field_group, value_key
)
select
    *,
    field_group in ('email', 'phone') or (field_group = 'address' and completeness > 1) as is_contact,
    row_number() over best_first as place,
    count(*) filter (is_contact) over best_first as contact_place
from value
window best_first as (
    partition by profile_no, field_group
    order by
        best.is_ineligible, best.word, best.completeness, best.priority, best.updated_at, n_records desc,
        best.record_no, best.position, value_key
    rows unbounded preceding
)
