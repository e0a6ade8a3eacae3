"""Precision and recall as the calibrated scores expect them: estimates, since nobody labelled the pairs."""

from collections.abc import Mapping

from identity.reporting.curves import Line, line_chart
from identity.reporting.figures.reader import Column, Reader, grid
from identity.reporting.page import Figure, Section

_NAMES = {"precision": "pairs joined that are one person", "recall": "pairs of one person that are joined"}


def estimated_rows(metrics: Mapping[str, float]) -> list[dict[str, object]]:
    """Precision and recall with their intervals out of the figures of `resolve`; none where they were not estimated."""
    return [
        {
            "figure": name,
            "words": words,
            "estimate": metrics[f"estimated_{name}"],
            "low": metrics[f"estimated_{name}:low"],
            "high": metrics[f"estimated_{name}:high"],
        }
        for name, words in _NAMES.items()
        if f"estimated_{name}" in metrics
    ]


def estimated(reader: Reader) -> Section:
    """Estimated precision and recall of the run."""
    entry = reader.run.workspace.entry("resolve")
    rows = estimated_rows({} if entry is None else entry.metrics)
    listing = grid(
        "Estimated without labels",
        rows,
        Column("figure", "text", "figure"),
        Column("of", "text", "words"),
        Column("estimate", "share", "estimate"),
        Column("from", "share", "low"),
        Column("to", "share", "high"),
        note="Expected from the calibrated scores of the pairs and their clusters, not measured. Recall is that among "
        "the pairs that were compared: what no blocking rule proposed is not seen. The interval is that of a "
        "calibration which fits this data worse or better than it fitted the labelled sets. `identity evaluate` "
        "measures, with labels.",
    )
    return Section(
        id="estimated",
        title="How good is it? An estimate",
        shows="Of the pairs joined, the share expected to be right; of the pairs of one person, the share expected to "
        "be joined.",
        alarming="a fall against the last run, or a precision whose lower end is below 90 %.",
        body=(listing,) if rows else (),
        reached=reader.reached("match.cluster"),
        empty="Not estimated.",
    )


def calibration_figure(rows: list[dict[str, float]], label: str) -> Figure:
    """A reliability diagram of bins with `foretold`, `observed` (`low` to `high`) and `pairs`."""
    points = tuple((row["foretold"], row["observed"]) for row in rows)
    line = Line(points, dots=True, intervals=tuple((row["low"], row["high"]) for row in rows))
    listing = grid(
        "Foretold and observed",
        rows,
        Column("foretold probability", "probability", "foretold"),
        Column("observed share", "share", "observed"),
        Column("from", "share", "low"),
        Column("to", "share", "high"),
        Column("pairs", "count", "pairs"),
        folded=True,
    )
    diagonal = Line(((0.0, 0.0), (1.0, 1.0)), "apart", dashed=True)
    chart = line_chart((diagonal, line), "probability that was foretold", "share that came true", label)
    return Figure("Are probabilities what they say? On the dashed line they are", chart, listing)
