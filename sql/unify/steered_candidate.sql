-- The candidates with what stewards said: a pinned or typed value carries the number of the decision as `word`
-- and goes first, an excluded value is not eligible in the profile of the record it was excluded at. A typed
-- value stands beside the values of its record, at the negative number of the decision as its position; of
-- several in one profile the latest counts.
-- reads:  candidate, golden_word, source_priority, member
-- writes: temp table candidate, again
-- one row per: field group x record x value
create or replace temp table candidate as
with typed as (
    select
        word.field_group, member.profile_no, member.record_no, (-word.number)::integer as position, word.value_key,
        (case word.field_group when 'name' then 4 when 'address' then 8 else 1 end)::tinyint as completeness,
        source_priority.priority, member.source_bit, member.first_at, member.updated_at, false as is_blocked, true as is_eligible, word.number as word,
        false as is_excluded
    from golden_word as word
    join member using (source, source_pk)
    join source_priority on source_priority.source = word.source and source_priority.field_group = word.field_group
    where word.kind = 'correct_value'
    qualify row_number() over (partition by member.profile_no, word.field_group order by word.number desc) = 1
),
pinned as (
    select member.record_no, word.field_group, word.value_key, max(word.number) as word
    from golden_word as word
    join member using (source, source_pk)
    where word.kind = 'pin_value'
    group by member.record_no, word.field_group, word.value_key
),
excluded as (
    select distinct word.field_group, member.profile_no, coalesce(word.value_key, own.value_key) as value_key
    from golden_word as word
    join member using (source, source_pk)
    left join candidate as own
        on word.value_key is null and own.record_no = member.record_no and own.field_group = word.field_group
    where word.kind = 'exclude_value'
)
select
    candidate.* replace (
        greatest(any_value.word, chosen.word) as word,
        candidate.is_eligible and excluded.value_key is null as is_eligible,
        excluded.value_key is not null as is_excluded
    )
from candidate
left join pinned as any_value
    on any_value.record_no = candidate.record_no and any_value.field_group = candidate.field_group
    and any_value.value_key is null
left join pinned as chosen
    on chosen.record_no = candidate.record_no and chosen.field_group = candidate.field_group
    and chosen.value_key = candidate.value_key
left join excluded
    on excluded.profile_no = candidate.profile_no and excluded.field_group = candidate.field_group
    and excluded.value_key = candidate.value_key
union all by name
select * from typed
