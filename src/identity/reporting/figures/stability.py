"""What changed against the last published run."""

from identity.reporting.figures.reader import Column, Reader, codes, counts, grid, part, plural, when
from identity.reporting.page import Section
from identity.reporting.words import limit_words, share

_EVENTS = {
    "created": "profile created",
    "absorbed_record": "profile gained a record",
    "lost_record": "profile lost a record",
    "merged_into": "profile merged into another",
    "split_from": "profile split off another",
    "retired": "profile retired",
    "reinstated": "profile came back",
    "erased": "profile erased",
}
_CAUSES = {
    "new_data": "new data",
    "changed_data": "changed data",
    "withdrawn": "withdrawn by the source",
    "rule_or_model": "changed rule or model",
    "steward": "a steward’s decision",
    "blocked_value": "a value became blocked or unblocked",
    "erasure": "erasure",
}


def events(reader: Reader) -> Section:
    """Changes of profiles by cause, and the share of known records that moved."""
    answer, moved = reader.ask("events"), reader.ask("moved")
    known, changed = moved.one["known_records"], moved.one["moved_records"]
    rate, limit = part(changed, known) or 0.0, reader.run.settings.gate.max_changed_ids
    summary = grid(
        "Records known before",
        moved.rows,
        *counts("known_records", "moved_records=in another profile now"),
        Column("share", "share", lambda _: rate),
        *counts("last_profiles=profiles before", "profiles=profiles now"),
        note=f"Above {limit_words(limit)} the run is held.",
    )
    listing = grid(
        "Changes of this run by cause",
        answer.rows,
        Column("change", "text", lambda row: _EVENTS.get(row["event_type"], row["event_type"])),
        Column("cause", "text", lambda row: _CAUSES.get(row["cause"], row["cause"])),
        *counts("events=changes", "profiles"),
    )
    return Section(
        id="stability",
        title="Stability",
        shows="Profiles created, merged, split and retired in this run, with the cause of each change.",
        alarming="many known records in another profile than before without new data to explain it.",
        body=(*((summary,) if known else ()), *((listing,) if answer.rows else ())),
        queries=(answer.query, moved.query),
        signals=when(
            rate > limit / 2,
            "bad" if rate > limit else "warn",
            f"{share(rate)} of the known records moved ({plural(changed, 'record')}; limit {limit_words(limit)}).",
            "stability",
        ),
        reached=reader.reached("identity.profile_event"),
        empty="No profile changed in this run.",
    )


def movement(reader: Reader) -> Section:
    """Figures compared with the last published run."""
    answer = reader.ask("movement")
    listing = grid(
        "Figures against the last published run",
        answer.rows,
        Column("stage", "text", "stage"),
        *codes("name=figure"),
        Column("of", "code", lambda row: row["label"] or None),
        Column("now", "number", "value"),
        Column("before", "number", "previous"),
        Column("change", "change", "change"),
        Column("limit", "number", "threshold"),
    )
    return Section(
        id="movement",
        title="Against the last run",
        shows="Key figures beside those of the last published run, with the limit that would hold the run.",
        alarming="a figure beyond its limit: the run is then held until a named person decides.",
        body=(listing,) if answer.rows else (),
        queries=(answer.query,),
        reached=reader.reached("ops.run_metric"),
        empty="There is no earlier run to compare with.",
    )
