-- The cases that wait for a steward. A case that was decided is not raised again: what a decision that stands
-- says about two profiles settles all pairs between them, until a record of the decision changes.
-- uncertainty: how likely it is that a person's word changes what holds without one. A pair in doubt stays apart until
-- then, which is wrong with its match probability; the others by kind.
-- reads:  match.candidate_pair, identity.profile_xref, steward.decision, contested, contradiction, std.identifier,
--         std.blocked_value, std.order, prior.review_item
-- writes: steward.review_item
-- one row per: case
-- parameters: $number (generation), $as_of, $shared_profiles
with placed as (
    select
        source_a || ':' || pk_a as record_a, source_b || ':' || pk_b as record_b,
        pair.outcome, pair.vetoed_by, pair.match_probability,
        least(a.profile_id, b.profile_id) as low, greatest(a.profile_id, b.profile_id) as high,
        a.profile_id as profile_a, b.profile_id as profile_b
    from match.candidate_pair as pair
    join identity.profile_xref as a on a.source = pair.source_a and a.source_pk = pair.pk_a
    join identity.profile_xref as b on b.source = pair.source_b and b.source_pk = pair.pk_b
    where pair.outcome in ('review', 'vetoed') and a.profile_id <> b.profile_id
        and pair.vetoed_by is distinct from 'cannot_link' and pair.vetoed_by is distinct from 'steward_not_same'
),
said as (
    select number, decision_id, kind, state, effect, assignee, due, unnest(records) as record, unnest(parts) as part
    from steward.decision
    where kind in ('same', 'not_same', 'unsure', 'split') and state in ('active', 'stale')
        and not (kind = 'unsure' and (state = 'stale' or due <= $as_of::date))
),
said_profile as (
    select distinct said.number, said.part, xref.profile_id
    from said
    join identity.profile_xref as xref
        on xref.source = split_part(said.record, ':', 1)
        and xref.source_pk = substr(said.record, strpos(said.record, ':') + 1)
),
settled as (
    select distinct least(one.profile_id, other.profile_id) as low, greatest(one.profile_id, other.profile_id) as high
    from said_profile as one
    join said_profile as other using (number)
    where one.profile_id < other.profile_id or (one.part <> other.part and one.profile_id <> other.profile_id)
),
newcomer as (
    select record, min(one) as one, min(other) as other from contested group by record
),
open_pair as (
    select placed.*
    from placed
    anti join settled using (low, high)
    qualify row_number() over (
        partition by low, high order by outcome desc, match_probability desc, record_a, record_b
    ) = 1
),
deferred as (
    -- an unsure pair whose day has come keeps who is to look at it
    select xref.profile_id, decision.decision_id, decision.assignee, decision.due, decision.number
    from (
        select *, unnest(records) as record
        from steward.decision
        where kind = 'unsure' and state in ('active', 'stale')
    ) as decision
    join identity.profile_xref as xref
        on xref.source = split_part(decision.record, ':', 1)
        and xref.source_pk = substr(decision.record, strpos(decision.record, ':') + 1)
),
deferred_pair as (
    select
        least(one.profile_id, other.profile_id) as low, greatest(one.profile_id, other.profile_id) as high,
        max_by(one.decision_id, one.number) as decision_id, max_by(one.assignee, one.number) as assignee,
        max_by(one.due, one.number) as due
    from deferred as one
    join deferred as other on other.number = one.number and other.profile_id > one.profile_id
    group by all
),
pair_item as (
    select
        if(starts_with(coalesce(vetoed_by, ''), 'cap_'), 'cap', 'pair') as kind,
        coalesce(vetoed_by, 'grey_band') as why,
        case when vetoed_by is null then match_probability
            when starts_with(vetoed_by, 'cap_') then 0.75 else 0.5 end as uncertainty,
        [record_a, record_b] as records,
        [profile_a, profile_b] as profile_ids,
        if(deferred_pair.decision_id is null, [], [deferred_pair.decision_id]) as decisions,
        match_probability,
        deferred_pair.assignee,
        deferred_pair.due,
        concat_ws('|', record_a, record_b) as subject
    from open_pair
    left join deferred_pair using (low, high)
),
contested_item as (
    select
        'contested' as kind, 'fits_two_kept_apart' as why, 1.0 as uncertainty,
        [record, one, other] as records, []::varchar[] as decisions, record as subject
    from newcomer
),
contradiction_item as (
    select
        'contradiction' as kind, 'decisions_disagree' as why, 1.0 as uncertainty, records, decisions,
        array_to_string(decisions, '|') as subject
    from contradiction
),
field_word as (
    -- two standing words about one golden value of one profile
    select
        xref.profile_id, decision.field, list(decision.decision_id order by decision.number) as decisions,
        list(decision.records[1] order by decision.number) as records
    from steward.decision
    join identity.profile_xref as xref
        on xref.source = split_part(decision.records[1], ':', 1)
        and xref.source_pk = substr(decision.records[1], strpos(decision.records[1], ':') + 1)
    where decision.kind in ('pin_value', 'correct_value') and decision.effect = 'applied'
    group by xref.profile_id, decision.field
    having count(*) > 1
),
field_item as (
    select
        'contradiction' as kind, 'golden_value_decided_twice' as why, 1.0 as uncertainty, records, decisions,
        array_to_string(decisions, '|') as subject
    from field_word
),
stale_item as (
    select
        'stale_decision' as kind, if(state = 'stale', 'records_changed', 'due') as why, 0.9 as uncertainty, records,
        [decision_id] as decisions,
        concat_ws('|', decision_id, if(state = 'stale', null, due), (
            select string_agg(content.record_hash, '|' order by place)
            from (
                select unnest(decision.records) as record, generate_subscripts(decision.records, 1) as place
            ) as named
            join std.source_record as content
                on content.source = split_part(named.record, ':', 1)
                and content.source_pk = substr(named.record, strpos(named.record, ':') + 1)
        )) as subject,
        assignee, due
    from steward.decision
    where kind <> 'unsure' and (state = 'stale' or state = 'active' and due <= $as_of::date)
),
held as (
    select id_type, id_match_key as id_value, source, source_pk
    from std.identifier
    where not coalesce(is_blocked, false) and id_match_key is not null
),
frequent as (
    select id_type, id_value from held group by id_type, id_value having count(*) >= $shared_profiles
),
shared as (
    select
        held.id_type, held.id_value, count(distinct xref.profile_id) as n_profiles,
        min(held.source || ':' || held.source_pk, 5) as records
    from held
    semi join frequent using (id_type, id_value)
    join identity.profile_xref as xref on xref.source = held.source and xref.source_pk = held.source_pk
    group by held.id_type, held.id_value
    having count(distinct xref.profile_id) >= $shared_profiles
),
shared_item as (
    select
        'shared_contact' as kind, n_profiles || '_profiles' as why, 0.5 as uncertainty, records,
        []::varchar[] as decisions, id_type || '|' || id_value as subject, id_type, id_value
    from shared
    anti join (
        select field as id_type, value as id_value from steward.decision
        where kind in ('block_value', 'unblock_value') and state in ('active', 'stale')
    ) as said using (id_type, id_value)
),
item as (
    select * from pair_item
    union all by name
    select * from contested_item
    union all by name
    select * from contradiction_item
    union all by name
    select * from field_item
    union all by name
    select * from stale_item
    union all by name
    select * from shared_item
),
named as (
    select 'R' || left(sha256(kind || '|' || subject), 16) as item_id, * from item
),
concerned as (
    select named.item_id, named.place, xref.profile_id
    from (
        select item_id, unnest(records) as record, generate_subscripts(records, 1) as place from named
    ) as named
    left join identity.profile_xref as xref
        on xref.source = split_part(named.record, ':', 1)
        and xref.source_pk = substr(named.record, strpos(named.record, ':') + 1)
),
profile_list as (
    select item_id, list(profile_id order by place) as profile_ids from concerned group by item_id
),
profile_of_item as (
    select distinct item_id, profile_id from concerned where profile_id is not null
),
member as materialized (
    select xref.source, xref.source_pk, xref.profile_id
    from identity.profile_xref as xref
    semi join profile_of_item using (profile_id)
),
size_of as (
    select profile_id, count(*) as n_records from member group by profile_id
),
spent as (
    select member.profile_id, orders.currency, sum(orders.net_revenue) as revenue
    from std.order as orders
    join member on member.source = orders.person_source and member.source_pk = orders.person_pk
    where not coalesce(orders.is_test, false)
    group by member.profile_id, orders.currency
),
worth as (
    select profile_of_item.item_id, sum(spent.revenue) as revenue, count(distinct coalesce(spent.currency, '')) as currencies
    from profile_of_item
    join spent using (profile_id)
    group by profile_of_item.item_id
),
weight as (
    select profile_of_item.item_id, sum(n_records) as n_records
    from profile_of_item
    join size_of using (profile_id)
    group by profile_of_item.item_id
),
valued as (
    select
        named.*,
        coalesce(named.profile_ids, profile_list.profile_ids) as all_profile_ids,
        if(worth.revenue > 0 and worth.currencies = 1, worth.revenue::double, weight.n_records::double) as business_value
    from named
    left join profile_list using (item_id)
    left join worth using (item_id)
    left join weight using (item_id)
)
select
    valued.item_id,
    valued.kind,
    valued.why,
    round(valued.uncertainty * coalesce(valued.business_value, 1), 4) as priority,
    round(valued.uncertainty, 4) as uncertainty,
    coalesce(valued.business_value, 1) as business_value,
    valued.records,
    valued.all_profile_ids as profile_ids,
    valued.decisions,
    valued.id_type,
    valued.id_value,
    valued.match_probability,
    valued.assignee,
    valued.due,
    coalesce(before.since_run, $number) as since_run
from valued
left join prior.review_item as before using (item_id)
