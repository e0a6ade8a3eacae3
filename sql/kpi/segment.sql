-- Segment definitions with the number of their members; those that are gone stay, withdrawn.
-- reads:  segment_definition, gold.segment_membership, prior.segment
-- writes: gold.segment
-- one row per: segment
with size as (
    select segment, count(*) as members from gold.segment_membership where exited_at is null group by segment
)
select definition.*, 'active' as status, coalesce(size.members, 0) as members
from segment_definition as definition
left join size using (segment)
union all by name
select segment, description, owner, definition, definition_hash, 'withdrawn' as status, 0 as members
from prior.segment
where segment not in (select segment from segment_definition)
