-- reads:  identity.profile_xref, match.cluster
-- writes: nothing
-- one row per: profile: the 20 largest and what holds them
with sizes as (
    select profile_id, count(*) as records
    from identity.profile_xref
    group by profile_id
    having count(*) > 1
    order by records desc, profile_id
    limit 20
),
spread as (
    select profile_id, count(distinct source) as sources
    from identity.profile_xref semi join sizes using (profile_id)
    group by profile_id
),
methods as (
    select profile_id, link_method, count(*) as records
    from identity.profile_xref semi join sizes using (profile_id)
    group by all
),
held as (
    select profile_id, string_agg(link_method || ' ' || records, ', ' order by records desc, link_method) as held_by
    from methods
    group by profile_id
),
clusters as (
    select
        profile_id, min(min_edge_probability) as weakest_link, bool_or(is_bridge) as is_bridge, min(density) as density,
        min(confidence) as confidence,
        array_to_string(list_sort(list_distinct(flatten(list(conflict_flags)))), ', ') as conflicts
    from match.cluster semi join sizes using (profile_id)
    group by profile_id
)
select s.profile_id, s.records, p.sources, h.held_by, c.weakest_link, c.is_bridge, c.density, c.confidence, c.conflicts
from sizes as s
join spread as p using (profile_id)
join held as h using (profile_id)
left join clusters as c using (profile_id)
order by s.records desc, s.profile_id;
