"""What waits for people: cases, decisions and who makes them, requests about data."""

from datetime import datetime

from identity.reporting.figures.reader import Column, Reader, Row, codes, counts, grid, plural, when
from identity.reporting.page import Grid, Section

_KINDS = {
    "pair": "pair in doubt",
    "cap": "kept apart by a limit",
    "contested": "newcomer that fits two kept apart",
    "contradiction": "decisions that disagree",
    "stale_decision": "decision to look at again",
    "shared_contact": "value shared by many",
    "sample": "drawn at random, to estimate precision and recall",
}


def queue(reader: Reader) -> Section:
    """The cases that wait, how old they are, and what left the queue."""
    answer = reader.ask("queue")
    listing = grid(
        "Cases that wait",
        answer.rows,
        Column("kind", "text", lambda row: _KINDS.get(row["kind"], row["kind"])),
        *counts("cases=open"),
        *reader.before("queue", "kind", "cases"),
        *counts("new_cases=new", "settled=settled since the last run", "assigned"),
        Column("the oldest waits (days)", "count", lambda row: _days(reader, row["oldest_as_of"], row)),
    )
    torn = sum(row["cases"] for row in answer.rows if row["kind"] == "contradiction")
    return Section(
        id="queue",
        title="Queue",
        shows="Cases that wait for a person to decide, by kind; `identity queue` and `identity review` show them.",
        alarming="a queue that grows from run to run, contradictions, or cases that nobody looks at for months.",
        body=(listing,) if answer.rows else (),
        queries=(answer.query,),
        signals=when(
            torn, "warn", f"{plural(torn, 'contradiction')} between decisions: none of them is followed.", "queue"
        ),
        reached=reader.reached("steward.review_item"),
        empty="Nothing waits.",
    )


def _days(reader: Reader, since: datetime | None, row: Row) -> int | None:
    """Days since the run that raised the oldest case; 0 for one of this run, none for kinds without an age."""
    if since is None:
        return 0 if row["oldest_run"] == reader.run.number else None
    return (reader.run.as_of - since).days


def decisions(reader: Reader) -> Section:
    """Decisions by kind and state, and by person."""
    answer, people = reader.ask("decisions"), reader.ask("reviewers")
    stale, torn = answer.total("stale"), answer.total("contradicting")
    return Section(
        id="decisions",
        title="Decisions",
        shows="What stewards decided, what of it holds today, and who decided and reviewed.",
        alarming="stale decisions (a record changed since), decisions that contradict each other, or one person "
        "who decides everything the same.",
        body=(_by_kind(reader), _by_person(people.rows)) if answer.rows or people.rows else (),
        queries=(answer.query, people.query),
        signals=(
            *when(stale, "warn", f"{plural(stale, 'decision')} stale: a record changed since.", "decisions"),
            *when(torn, "warn", f"{plural(torn, 'decision')} not followed: they contradict each other.", "decisions"),
        ),
        reached=reader.reached("steward.decision"),
        empty="Nothing was decided yet.",
    )


def _by_kind(reader: Reader) -> Grid:
    return grid(
        "Decisions by kind",
        reader.ask("decisions").rows,
        Column("decision", "text", lambda row: str(row["kind"]).replace("_", " ")),
        *counts("decisions=all", "active=hold", "stale=stale, hold", "ended=undone or replaced"),
        *counts("contradicting=not followed", "waiting=record not there"),
        note="A stale decision holds until somebody looks at it again. “Not followed” contradicts another one.",
    )


def _by_person(rows: tuple[Row, ...]) -> Grid:
    return grid(
        "Decisions and reviews by person",
        rows,
        Column("person", "text", "person"),
        *counts("decisions", "same", "not_same", "unsure", "undone=taken back", "reviews=sampled pairs reviewed"),
    )


def requests(reader: Reader) -> Section:
    """Requests of people about their data, with what is due, and who is left out of what is sent."""
    answer, withheld = reader.ask("requests"), reader.ask("withheld")
    as_of = reader.run.as_of
    late = sum(row["open"] for row in answer.rows if row["next_due"] is not None and row["next_due"] < as_of)
    listing = grid(
        "Requests by type",
        answer.rows,
        Column("type", "text", "type"),
        *counts("open"),
        Column("next due", "text", lambda row: f"{row['next_due']:%Y-%m-%d}" if row["next_due"] else None),
        *counts("done", "done_late=of these late", "withdrawn"),
        note="A request is due a month after it came. `identity requests` lists them.",
    )
    left_out = grid("Left out of what is sent", withheld.rows, Column("who", "text", "reason"), *counts("n=number"))
    return Section(
        id="requests",
        title="Requests about data",
        shows="What people asked about their data, when it is due, and how many are left out of what is sent.",
        alarming="a request beyond its day.",
        body=(listing, left_out),
        queries=(answer.query, withheld.query),
        signals=when(late, "bad", "A request of a person about his data is overdue.", "requests"),
        reached=reader.reached("privacy.request"),
    )


def overrides(reader: Reader) -> Grid | None:
    """Golden values that a steward pinned, excluded or typed, and those whose record changed since; none without."""
    kinds = {"pin_value", "exclude_value", "correct_value"}
    rows = [row for row in reader.ask("decisions").rows if row["kind"] in kinds]
    if not rows:
        return None
    return grid(
        "Golden values that stewards chose",
        rows,
        *codes("kind=decision"),
        *counts("active=hold", "stale_values=the record changed since", "ended=undone or replaced"),
    )
