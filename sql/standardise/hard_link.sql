-- reads: stated (links as the sources state them), std.source_record
-- writes: std.hard_link
-- one row per: record, other record and statement
--
-- A record may be said to be one with another that was itself merged away since: a lead converted to a contact that
-- was then merged into a second one. Such chains are followed to the record that lives.
with recursive followed as (
    select source, source_pk, other_source, other_pk, rule, 1 as steps
    from stated

    union

    select followed.source, followed.source_pk, stated.other_source, stated.other_pk, followed.rule, followed.steps + 1
    from followed
    join stated on stated.source = followed.other_source and stated.source_pk = followed.other_pk
    anti join std.source_record as live
        on live.source = followed.other_source and live.source_pk = followed.other_pk
    where followed.steps < 20
        and not (stated.other_source = followed.source and stated.other_pk = followed.source_pk)
)

select source, source_pk, other_source, other_pk, min(rule) as rule
from followed
group by source, source_pk, other_source, other_pk
