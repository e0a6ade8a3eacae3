"""How records were joined: scores with both thresholds, rules, pairs compared, blocked values."""

from collections.abc import Sequence
from math import log2

from identity.reporting.charts import Bin, Threshold, histogram, is_rooted
from identity.reporting.figures.reader import Answer, Column, Reader, Row, codes, counts, grid, part, plural, when
from identity.reporting.masking import mask_identifier
from identity.reporting.page import Figure, Grid, Section, Tone

_STACK: tuple[tuple[Tone, str, str], ...] = (
    ("link", "linked", "linked"),
    ("review", "review", "for a person to decide"),
    ("vetoed", "vetoed", "kept apart"),
    ("apart", "apart", "apart"),
)
_OUTCOMES = {
    "link": "linked",
    "review": "for a person to decide",
    "no": "apart",
    "vetoed": "kept apart",
}
_ORIGINS = {"global": "built in", "auto": "learned from the data", "manual": "a person"}


def scores(reader: Reader) -> Section:
    """The score histogram and what was decided."""
    answer, below, edges, outcomes, model = (
        reader.ask(name) for name in ("scores", "scores_below", "thresholds", "outcomes", "model")
    )
    bins = _bins(answer, below)
    waiting = sum(row["pairs"] for row in outcomes.rows if row["outcome"] == "review")
    unsettled = bool(model.one.get("em_iterations")) and not model.one["em_converged"]
    return Section(
        id="scores",
        title="Scores and thresholds",
        shows="Every scored pair of records by how strongly the evidence speaks for one person. Above the right "
        "threshold pairs are linked; between the two the rest of the profile decides, else a person.",
        alarming="a heap of pairs right at a threshold, or a review part that grows from run to run.",
        body=(_histogram(reader, bins, edges.one), _decided(reader, outcomes)) if bins else (),
        queries=(answer.query, below.query, edges.query, outcomes.query, model.query),
        signals=(
            *when(
                waiting, "warn", f"{plural(waiting, 'pair')} between the thresholds: for a person to decide.", "scores"
            ),
            *when(unsettled, "warn", "The matching model had not settled when its rounds were used up.", "scores"),
        ),
        reached=reader.reached("match.candidate_pair"),
        empty="No pair of records was scored.",
    )


def _decided(reader: Reader, outcomes: Answer) -> Grid:
    return grid(
        "Pairs by outcome",
        outcomes.rows,
        Column("outcome", "text", lambda row: _OUTCOMES.get(row["outcome"], row["outcome"])),
        *counts("pairs"),
        *reader.before("outcomes", "outcome", "pairs"),
        *counts("by_rule", "by_score", "by_steward=by a steward"),
        Column("lowest probability", "probability", "lowest_probability"),
        Column("highest probability", "probability", "highest_probability"),
    )


def _bins(answer: Answer, below: Answer) -> list[Row]:
    """Pairs by whole bit of weight and outcome; those below the review threshold are added to "apart"."""
    columns = [column for _, column, _ in _STACK]
    found: dict[int, dict[str, int]] = {}
    for row in (*answer.rows, *below.rows):
        counted = found.setdefault(row["weight_from"], dict.fromkeys(columns, 0))
        for column in columns:
            counted[column] += row.get(column) or 0
    return [{"weight_from": at, **found[at]} for at in sorted(found) if any(found[at].values())]


def _histogram(reader: Reader, rows: list[Row], edges: Row) -> Figure:
    matching = reader.run.settings.matching
    review = _weight(edges, "review_weight", matching.review_threshold)
    link = _weight(edges, "link_weight", matching.link_threshold)
    bins = [
        Bin(float(row["weight_from"]), tuple((tone, int(row[column])) for tone, column, _ in _STACK)) for row in rows
    ]
    marks = (
        Threshold(review, f"review from {_short(matching.review_threshold)}"),
        Threshold(link, f"link from {_short(matching.link_threshold)}"),
    )
    label = (
        f"Histogram of {sum(b.total for b in bins):,} scored pairs by match weight, "
        f"from {bins[0].left:.0f} to {bins[-1].left + 1:.0f} bits; review threshold at {review:.1f}, "
        f"link threshold at {link:.1f}. The table below has the figures."
    )
    scale = "; heights are square roots of the numbers, so that small groups can be seen" if is_rooted(bins) else ""
    used = tuple((tone, words) for tone, column, words in _STACK if any(row[column] for row in rows))
    figures = grid(
        "Pairs by match weight",
        rows,
        Column("weight from (bits)", "number", "weight_from"),
        *counts(*(f"{column}={words}" for _, column, words in _STACK)),
        folded=True,
    )
    return Figure(f"Pairs by match weight in bits{scale}", histogram(bins, 1.0, marks, label), figures, used)


def _short(value: float) -> str:
    return f"{value:g}".removeprefix("0")


def _weight(edges: Row, column: str, threshold: float) -> float:
    """Where a threshold lies among the weights: the odds, or the first pair that reaches a calibrated one."""
    observed = edges.get(column)
    return float(observed) if edges.get("is_calibrated") and observed is not None else log2(threshold / (1 - threshold))


def rules(reader: Reader) -> Section:
    """What each rule contributes."""
    answer = reader.ask("rules")
    rows = _with_idle(answer.rows, reader.last.get("rules", ()))
    idle = [str(row["rule"]) for row in rows if not row["records"] and row["was"]]
    most = max((row["records"] for row in answer.rows), default=0)
    listing = grid(
        "What each rule contributes",
        rows,
        Column("rule", "code", lambda row: "score" if row["rule"] == "fuzzy" else row["rule"]),
        *counts("pairs", "linked", "review", "vetoed=kept apart", "records=records it holds"),
        Column("", "bar", lambda row: part(row["records"], most)),
        *reader.before("rules", "rule", "records"),
        *counts("profiles=in profiles", "new_records=newly joined"),
        note="A record is held by the best evidence that ties it to its profile. “Newly joined” counts records "
        "that came to their profile in this run. “score” is the sum of all evidence instead of one rule.",
    )
    return Section(
        id="rules",
        title="Rules",
        shows="What each rule and the scoring contribute to joining records.",
        alarming="a rule that joins far more than last time, or one that joins nothing any more.",
        body=(listing,) if answer.rows else (),
        queries=(answer.query,),
        signals=when(idle, "warn", f"Joined records in the last run and joins none now: {', '.join(idle)}.", "rules"),
        reached=reader.reached("match.candidate_pair", "identity.profile_xref"),
        empty="No record was joined with another.",
    )


def _with_idle(rows: Sequence[Row], last: Sequence[Row]) -> list[Row]:
    """The rules that did something, and with zeros those that did something in the last run only; `was` before."""
    known = {row["rule"]: row["records"] for row in last}
    now_there = {row["rule"] for row in rows}
    columns = ("pairs", "linked", "review", "vetoed", "records", "profiles", "new_records")
    idle = [{"rule": rule, **dict.fromkeys(columns, 0)} for rule in sorted(known) if rule not in now_there]
    return [{**row, "was": known.get(row["rule"], 0)} for row in (*rows, *idle)]


def candidates(reader: Reader) -> Section:
    """Which pairs were compared at all."""
    answer = reader.ask("blocking")
    listing = grid(
        "Blocking rules",
        answer.rows,
        *codes("rule"),
        *counts("pairs", "new_pairs=not proposed before", "blocks", "largest_block"),
        *counts("refined_blocks=refined", "skipped_blocks=skipped", "skipped_pairs=pairs skipped"),
    )
    skipped, pairs = answer.total("skipped_blocks"), answer.total("skipped_pairs")
    return Section(
        id="candidates",
        title="Pairs compared",
        shows="Which pairs of records were compared at all: not all with all, but those that share something.",
        alarming="skipped groups: records in them were not compared with each other by that rule.",
        body=(listing,) if answer.rows else (),
        queries=(answer.query,),
        signals=when(
            skipped,
            "warn",
            f"{plural(skipped, 'group')} of records too large to compare, skipped ({plural(pairs, 'pair')}).",
            "candidates",
        ),
        reached=reader.reached("match.blocking_rule"),
        empty="No blocking rule proposed a pair.",
    )


def blocked(reader: Reader) -> Section:
    """Values that identify nobody."""
    summed, answer, fresh, open_ = (
        reader.ask(name) for name in ("blocked_counts", "blocked", "new_blocked", "suggested")
    )
    listed_by = Column("listed by", "text", lambda row: _ORIGINS.get(row["origin"], row["origin"]))
    summary = grid(
        "Blocked values by type",
        summed.rows,
        *codes("id_type=type"),
        listed_by,
        *counts("values"),
        *reader.before("blocked_counts", "id_type origin", "values"),
        *counts("met=met in the data", "records"),
    )
    value = Column("value", "code", lambda row: _value(reader, row))
    numbers = counts("n_records=records", "n_distinct_names=distinct names")
    listing = grid(
        "The most frequent blocked values",
        answer.rows,
        *codes("id_type=type"),
        value,
        *numbers,
        *codes("rule"),
        listed_by,
    )
    learned_now = grid(
        "Learned since the last run", fresh.rows, *codes("id_type=type"), value, *numbers, *codes("rule")
    )
    suggested = grid(
        "Suggested: shared by many profiles and blocked by nobody",
        open_.rows,
        *codes("id_type=type"),
        value,
        Column("in", "text", lambda row: str(row["why"]).replace("_", " ")),
        *codes("item_id=case"),
        note="A steward says whether it identifies somebody: `identity decide block` or `unblock`, or the case in the "
        "queue.",
    )
    learned = sum(row["values"] for row in summed.rows if row["origin"] == "auto")
    return Section(
        id="blocked",
        title="Blocked values",
        shows="E-mails, phones and addresses that so many different people share that they identify nobody "
        "(a shop’s own phone, a reception), and are not used for joining.",
        alarming="a value here that does belong to one person, or a very frequent one that is not here.",
        body=(summary, learned_now, suggested, listing) if summed.rows else (),
        queries=(summed.query, fresh.query, open_.query, answer.query),
        signals=when(
            learned, "note", f"{plural(learned, 'value')} shared by too many names: not used for joining.", "blocked"
        ),
        reached=reader.reached("std.blocked_value"),
        empty="No value is blocked.",
    )


def _value(reader: Reader, row: Row) -> str | None:
    return reader.masked(lambda value: mask_identifier(str(row["id_type"]), value), row["id_value"])
