"""What evaluation, training and model print at the command line."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from identity.analysis import pages
from identity.analysis.studies import Evaluated, ModelOf
from identity.analysis.training import Training
from identity.landing.model import printable
from identity.matching.measures import wilson
from identity.reporting import words
from identity.reporting.figures.model import drift_of, levels_of, not_learned
from identity.reporting.page import Grid

_WRITE = {
    "count": words.count,
    "share": words.share,
    "number": words.number,
    "probability": words.probability,
    "change": words.change,
}


def grid(console: Console, block: Grid) -> None:
    """A grid of a page as a table of the terminal."""
    if not block.rows:
        console.print(f"{block.caption}: none")
        return
    table = Table(title=block.caption, title_justify="left")
    for head in block.heads:
        table.add_column(head.label, justify="right" if head.kind in _WRITE else "left", overflow="fold")
    for row in block.rows:
        table.add_row(*(_cell(value, head.kind) for value, head in zip(row, block.heads, strict=True)))
    console.print(table)


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    return _WRITE[kind](value) if kind in _WRITE else printable(str(value))


def _rows(console: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", no_wrap=bool(place))
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _interval(low: float, high: float) -> str:
    return f"{low:.4f} to {high:.4f}"


def evaluation(console: Console, study: Evaluated) -> None:
    """The figures, then thresholds, sources, causes and the worst errors."""
    found, pairs = study.found, study.found.pairs
    if found.missing:
        console.print(f"{found.missing:,} labels name records that this run lacks")
    rows = [
        ("pair precision", f"{pairs.precision:.4f}", _interval(*wilson(pairs.hit, pairs.said))),
        ("pair recall", f"{pairs.recall:.4f}", _interval(*wilson(pairs.hit, pairs.true))),
        ("pair F1", f"{pairs.f1:.4f}", ""),
    ]
    if found.measures is not None:
        rows.append(("B-cubed F1", f"{found.measures.b3_f1:.4f}", ""))
    title = "Labelled pairs" if found.by_pair else "Pairs after clustering"
    _rows(console, f"{title}, run {study.run_id}", ("", "measured", "90 % interval"), rows)
    if found.measures is not None:
        grid(console, pages.clusters_grid(found))
    grid(console, pages.thresholds_grid(found))
    if len(found.sources) > 1:
        grid(console, pages.sources_grid(found))
    for block in (*pages.causes_grids(found), *pages.worst_grids(found.errors.worst, study.values, 5)):
        grid(console, block)
    estimates(console, {"estimated_without_labels": study.estimates})


def estimates(console: Console, told: dict[str, Any]) -> None:
    """Precision and recall without labels."""
    rows = [
        (entry["figure"], f"{entry['estimate']:.4f}", _interval(entry["low"], entry["high"]))
        for entry in told["estimated_without_labels"]
    ]
    if not rows:
        console.print("no estimate: the run was made by an older program")
        return
    _rows(console, "Estimated without labels, from the calibrated scores", ("", "estimate", "interval"), rows)


def training(console: Console, found: Training, written: Path | None) -> None:
    """Both models on held-out labels, and whether the learned one is kept."""
    console.print(
        f"{found.same:,} labelled pairs of one person, {found.not_same:,} of two people; {found.persons:,} persons"
    )
    rows = [
        (
            entry.model,
            f"{entry.precision:.4f}",
            f"{entry.recall:.4f}",
            f"{entry.f1:.4f}\n{_interval(*entry.f1_interval)}",
            f"{entry.gain:+.4f}\n{_interval(*entry.gain_interval)}",
            f"{entry.log_loss:.4f}",
        )
        for entry in found.held
    ]
    headings = ("", "precision", "recall", "F1", "gain in F1", "log loss")
    _rows(console, "On held-out labels, pair by pair at even odds, with 90 % intervals", headings, rows)
    console.print(found.reason, soft_wrap=True)
    if written:
        console.print(f"model      {written}; `[matching] model` in the settings makes runs use it", soft_wrap=True)
    elif found.kept:
        console.print("the model is not written: name a file with -o", soft_wrap=True)


def model(console: Console, told: ModelOf) -> None:
    """Parameters, what was not learned, drift."""
    now = told.now
    settled = "given" if not now.em_iterations else "settled" if now.em_converged else "had not settled"
    console.print(
        f"model {now.version} of run {told.run_id}: {settled} after {now.em_iterations} rounds; two records at random "
        f"are one person 1 time in {1 / now.match_share:,.0f}",
        soft_wrap=True,
    )
    rows = [
        (
            f"{row['field']} {row['level'].replace('_', ' ')}",
            *(f"{row[name]:.3g}" for name in ("m", "h", "u")),
            f"{row['weight']:+.2f}",
            row["origin"],
        )
        for row in levels_of(now)
    ]
    title = "Weights in bits; m: how often one person's records agree so, h: one household's, u: any two"
    _rows(console, title, ("level", "m", "h", "u", "weight", "from"), rows)
    untaught = not_learned(now)
    if untaught:
        console.print(f"the shipped prior stands in for all of: {', '.join(untaught)}", soft_wrap=True)
    if told.before is None:
        console.print("no model of an earlier run to compare with")
        return
    moved = [row for row in drift_of(now, told.before) if abs(row["moved"]) >= 0.05][:12]
    _rows(
        console,
        "Moved most since the last run (bits)",
        ("level", "before", "now", "moved"),
        [
            (f"{row['field']} {row['level']}", f"{row['before']:+.2f}", f"{row['now']:+.2f}", f"{row['moved']:+.2f}")
            for row in moved
        ],
    )
