"""Records and people: from records to profiles, which systems overlap, how large profiles are."""

from collections import Counter

from identity.reporting.figures.reader import Answer, Column, Reader, Row, codes, counts, grid, part, shared, when
from identity.reporting.page import Grid, Section
from identity.reporting.words import share

_COMBINATIONS = 15


def funnel(reader: Reader) -> Section:
    """From source records to profiles."""
    answer = reader.ask("funnel")
    records = answer.one.get("n") or 0
    steps = grid(
        "From source records to profiles",
        answer.rows,
        Column("step", "text", "step"),
        *counts("n=number"),
        *reader.before("funnel", "step", "n"),
        *shared("of all records", lambda row: part(row["n"], records)),
    )
    return Section(
        id="funnel",
        title="Funnel",
        shows="How the delivered records narrow down to people.",
        alarming="few records with a usable e-mail, phone or id, or nearly as many profiles as records.",
        body=(steps,),
        queries=(answer.query,),
        reached=reader.reached("std.source_record", "identity.profile_xref"),
    )


def overlap(reader: Reader) -> Section:
    """Profiles by combination of systems, as a dot matrix."""
    answer = reader.ask("overlap")
    per_system: Counter[str] = Counter()
    for row in answer.rows:
        per_system.update(dict.fromkeys(row["systems"], row["profiles"]))
    systems = sorted(per_system, key=lambda name: (-per_system[name], name))
    most = max((row["profiles"] for row in answer.rows), default=0)
    matrix = grid(
        "Profiles by combination of systems",
        answer.rows[:_COMBINATIONS],
        *(_dot(name) for name in systems),
        *counts("profiles"),
        *reader.before("overlap", "systems", "profiles"),
        Column("", "bar", lambda row: part(row["profiles"], most)),
        note=f"The {_COMBINATIONS} most frequent combinations." if len(answer.rows) > _COMBINATIONS else "",
    )
    each = grid(
        "Profiles per system",
        [{"system": name, "profiles": per_system[name]} for name in systems],
        *codes("system"),
        *counts("profiles"),
        folded=True,
    )
    return Section(
        id="overlap",
        title="Source overlap",
        shows="Which systems know the same people: each row is one combination of systems and the profiles it has.",
        alarming="two systems that serve the same customers but hardly ever meet in a row.",
        body=(matrix, each),
        queries=(answer.query,),
        reached=reader.reached("identity.profile_xref"),
    )


def _dot(system: str) -> Column:
    return Column(system, "dot", lambda row: system in row["systems"])


def sizes(reader: Reader) -> Section:
    """How many records a profile has, now and in the last published run; the largest."""
    answer, large = reader.ask("sizes"), reader.ask("largest")
    cap = reader.run.settings.gate.max_profile_records
    biggest = large.one.get("records") or 0
    return Section(
        id="sizes",
        title="Profile sizes",
        shows="How many records a person has, and which profiles are the largest.",
        alarming=f"a profile of more than {cap:,} records, or a long tail that the last run did not have.",
        body=(_spread(answer, biggest), _largest(large)),
        queries=(answer.query, large.query),
        signals=when(
            biggest > cap, "bad", f"The largest profile holds {biggest:,} records; the limit is {cap:,}.", "sizes"
        ),
        reached=reader.reached("identity.profile_xref"),
    )


def _spread(answer: Answer, biggest: int) -> Grid:
    """Profiles by size, up to the largest size that occurs."""
    profiles, has_last = answer.total("profiles"), answer.total("last_profiles") > 0
    last_filled = max((i for i, row in enumerate(answer.rows) if row["profiles"] or row["last_profiles"]), default=-1)
    return grid(
        "Profiles by number of records",
        answer.rows[: last_filled + 1],
        Column("records", "text", "bucket"),
        *counts("profiles"),
        *shared("share", lambda row: part(row["profiles"], profiles)),
        *(counts("last_profiles=last run") if has_last else ()),
        note=f"The largest profile holds {biggest:,} records, {share(part(biggest, answer.total('records')))} of all."
        if biggest
        else "",
    )


def _largest(answer: Answer) -> Grid:
    return grid(
        "The 20 largest profiles and what holds them",
        answer.rows,
        *codes("profile_id=profile"),
        *counts("records", "sources"),
        Column("held by", "text", "held_by"),
        Column("weakest link", "probability", "weakest_link"),
        Column("confidence", "probability", "confidence"),
        Column("one link apart", "text", _bridge),
        Column("contradictions", "text", lambda row: row["conflicts"] or None),
        note="Weakest link: the lowest probability among the links that hold the profile together. "
        "One link apart: without one pair it would fall into two.",
        folded=True,
    )


def _bridge(row: Row) -> str | None:
    return {True: "yes", False: "no"}.get(row["is_bridge"])
