-- Survivorship: the order of the candidates of a profile in each field group.
-- Eligible first, then what a steward pinned or typed (the latest word first), then completeness, source priority, recency, frequency (records that hold the value);
-- source and key, the place inside the record and the value itself break every tie.
-- reads:  candidate
-- writes: temp table standing
-- one row per: candidate; place 1 is the golden value when it is eligible
create or replace temp table standing as
with counted as (
    select
        *,
        count(*) over (partition by profile_no, field_group, value_key) as frequency
    from candidate
)
select
    *,
    row_number() over best_first as place,
    first_value(value_key) over best_first as winning_key
from counted
window best_first as (
    partition by profile_no, field_group
    order by
        is_eligible desc, word desc nulls last, completeness desc, priority, updated_at desc nulls last, frequency desc,
        record_no, position, value_key
)
