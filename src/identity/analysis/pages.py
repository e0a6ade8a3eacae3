"""Pages of their own: an evaluation, the model, one explained pair."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from identity.analysis.errors import WrongPair
from identity.analysis.evaluation import Evaluation
from identity.matching.measures import wilson
from identity.reporting.curves import Bar, Line, bar_chart, line_chart, standalone
from identity.reporting.figures.estimated import calibration_figure
from identity.reporting.figures.reader import Column, grid
from identity.reporting.page import Figure, Grid, Section, Study, Tile
from identity.reporting.render import render_study
from identity.reporting.words import count, share

_POINTS = 150
Values = Mapping[tuple[str, str], Mapping[str, Any]]


def evaluation_study(found: Evaluation, run_id: str, values: Values) -> Study:
    """The page of an evaluation. `values` are those of the records of the worst errors, masked or not."""
    return Study(
        title="Matching against labels",
        about=f"run {run_id}",
        lead=_lead(found),
        tiles=_tiles(found),
        sections=tuple(part for part in _sections(found, values) if part.body),
        note="Pairs are unordered pairs of labelled records. Intervals are of 90 %. B-cubed is the mean over records "
        "of the precision and recall of their clusters (Bagga and Baldwin 1998).",
    )


def _lead(found: Evaluation) -> str:
    if found.by_pair:
        return (
            f"{count(found.pairs.true)} labelled pairs are one person; the run joined {count(found.pairs.said)} of the "
            "labelled pairs. Shares are of what was labelled, not of all pairs."
        )
    assert found.measures is not None
    return (
        f"{count(found.measures.records)} labelled records of {count(found.measures.entities)} people, "
        f"{count(found.missing)} of them not in this run."
    )


def _tiles(found: Evaluation) -> tuple[Tile, ...]:
    pairs = found.pairs
    precision, recall = wilson(pairs.hit, pairs.said), wilson(pairs.hit, pairs.true)
    tiles = [
        Tile("Pair precision", share(pairs.precision), f"{share(precision[0])} to {share(precision[1])}"),
        Tile("Pair recall", share(pairs.recall), f"{share(recall[0])} to {share(recall[1])}"),
        Tile("Pair F1", f"{pairs.f1:.4f}", f"{count(pairs.hit)} of {count(pairs.true)} true pairs joined"),
    ]
    if found.measures is not None:
        tiles.append(Tile("B-cubed F1", f"{found.measures.b3_f1:.4f}", "mean over records"))
    return tuple(tiles)


def _sections(found: Evaluation, values: Values) -> list[Section]:
    return [
        Section(
            id="clusters",
            title="Clusters",
            shows="The clusters of the run beside the true people.",
            alarming="a largest cluster well above the largest person.",
            body=(clusters_grid(found),) if found.measures is not None else (),
        ),
        Section(
            id="thresholds",
            title="Thresholds",
            shows="Precision and recall of the pair score alone, before clusters were formed.",
            alarming="a curve that falls early: wrong pairs with high scores.",
            body=(_curve_figure(found), thresholds_grid(found)),
        ),
        Section(
            id="calibration",
            title="Calibration",
            shows="Whether a probability of .9 comes true nine times in ten.",
            alarming="points well below the dashed line: probabilities that promise too much.",
            body=(_calibration(found),) if found.reliability else (),
        ),
        Section(
            id="sources",
            title="Sources",
            shows="The same figures for the pairs within and between sources.",
            alarming="two sources between which recall is far below the rest.",
            body=(sources_grid(found),) if len(found.sources) > 1 else (),
        ),
        Section(
            id="errors",
            title="Errors",
            shows="Why wrong pairs were joined and true pairs missed, and those of which the model was surest.",
            alarming="a cause that explains most of them.",
            body=(*causes_grids(found), *worst_grids(found.errors.worst, values)),
        ),
    ]


def clusters_grid(found: Evaluation) -> Grid:
    """Clusters against people."""
    figures = found.measures
    assert figures is not None
    rows = [
        ("records labelled", count(figures.records)),
        ("B-cubed precision, recall", f"{figures.b3_precision:.4f}, {figures.b3_recall:.4f}"),
        ("people reproduced exactly", share(figures.exact_entities)),
        ("clusters, people", f"{count(figures.clusters)}, {count(figures.entities)}"),
        ("largest cluster, largest person", f"{count(figures.largest_cluster)}, {count(figures.largest_entity)}"),
        ("pairs true, joined", f"{count(figures.true_pairs)}, {count(figures.said_pairs)}"),
        ("pairs true and joined", count(figures.hit_pairs)),
    ]
    told = [{"what": what, "value": value} for what, value in rows]
    return grid("Clusters and people", told, Column("", "text", "what"), Column("", "text", "value"))


def thresholds_grid(found: Evaluation) -> Grid:
    """Precision, recall and F1 by threshold."""
    return grid(
        "By threshold",
        found.thresholds,
        Column("probability from", "probability", "threshold"),
        Column("pairs", "count", "pairs"),
        Column("precision", "share", "precision"),
        Column("recall", "share", "recall"),
        Column("F1", "probability", "f1"),
        Column("", "text", lambda row: "best F1" if row["best"] else ""),
    )


def sources_grid(found: Evaluation) -> Grid:
    """Figures by two sources."""
    rows = [{"a": a, "b": b, **figures.as_dict()} for (a, b), figures in found.sources.items()]
    return grid(
        "Pairs by source",
        rows,
        Column("source", "code", "a"),
        Column("and source", "code", "b"),
        Column("true pairs", "count", "true"),
        Column("joined", "count", "said"),
        Column("precision", "share", "precision"),
        Column("recall", "share", "recall"),
    )


def causes_grids(found: Evaluation) -> tuple[Grid, Grid]:
    """Wrong pairs by cause."""

    def told(caption: str, causes: Mapping[str, int]) -> Grid:
        rows = [{"cause": cause, "pairs": pairs} for cause, pairs in causes.items()]
        return grid(caption, rows, Column("cause", "text", "cause"), Column("pairs", "count", "pairs"))

    return told("Joined by mistake, by cause", found.errors.joined), told("Missed, by cause", found.errors.missed)


def worst_grids(worst: Sequence[WrongPair], values: Values, most: int | None = None) -> tuple[Grid, ...]:
    """The worst errors (at most so many of each kind), with what was compared."""
    captions = {"joined": "Joined by mistake, surest first", "missed": "Missed, surest first"}
    return tuple(
        grid(
            caption,
            [_worst_row(pair, values) for pair in worst if pair.kind == kind][:most],
            Column("records", "text", "records"),
            Column("values", "text", "values"),
            Column("p", "probability", "probability"),
            Column("cause", "text", "cause"),
            Column("for one person (bits)", "text", "for_it"),
            Column("against", "text", "against"),
        )
        for kind, caption in captions.items()
    )


def _worst_row(pair: WrongPair, values: Values) -> dict[str, Any]:
    sides = (pair.record_a, pair.record_b)
    return {
        "records": " and ".join(":".join(side) for side in sides),
        "values": " | ".join(
            ", ".join(str(value) for value in values.get(side, {}).values() if value is not None) for side in sides
        ),
        "probability": pair.match_probability,
        "cause": pair.cause,
        "for_it": ", ".join(pair.for_it),
        "against": ", ".join(pair.against),
    }


def _curve_figure(found: Evaluation) -> Figure:
    curve = found.curve
    step = max(len(curve.threshold) // _POINTS, 1)
    places = sorted({*range(0, len(curve.threshold), step), len(curve.threshold) - 1} - {-1})
    points = tuple((float(curve.recall[row]), float(curve.precision[row])) for row in places)
    clustered = Line(((found.pairs.recall, found.pairs.precision),), "review", dots=True)
    chart = line_chart(
        (Line(points), clustered),
        "recall",
        "precision",
        f"Precision over recall of the pair score; after clustering precision {found.pairs.precision:.3f} at recall "
        f"{found.pairs.recall:.3f}. The table below has the figures.",
        low=0.5 if min(value for point in (*points, *clustered.points) for value in point) >= 0.5 else 0.0,
    )
    rows = [
        {"recall": curve.recall[row], "precision": curve.precision[row], "threshold": curve.threshold[row]}
        for row in places
    ]
    listing = grid(
        "Points of the curve",
        rows,
        Column("probability from", "probability", "threshold"),
        Column("recall", "share", "recall"),
        Column("precision", "share", "precision"),
        folded=True,
    )
    keys = (("link", "the score alone"), ("review", "after clustering"))
    return Figure("Precision and recall over all thresholds", chart, listing, keys)  # type: ignore[arg-type]


def _calibration(found: Evaluation) -> Figure:
    rows = []
    for entry in found.reliability:
        low, high = wilson(entry.observed * entry.pairs, entry.pairs)
        rows.append(
            {"foretold": entry.foretold, "observed": entry.observed, "low": low, "high": high, "pairs": entry.pairs}
        )
    return calibration_figure(
        rows, f"Reliability of probabilities in {len(rows)} bins. The table below has the figures."
    )


def pair_chart(story: Mapping[str, Any]) -> Figure:
    """The waterfall of `identity explain A B` as a picture: prior, every field, the sum."""
    rows = story["tables"]["Weight in bits"]
    chart = waterfall_chart(rows, story["explanation"]["match_probability"])
    columns = [Column(name.replace("_", " "), "text", name) for name in (rows[0] if rows else {})]
    return Figure("From the prior to the match weight, in bits", chart, grid("Steps", rows, *columns))


def waterfall_chart(steps: Sequence[Mapping[str, Any]], chance: float) -> Markup:
    """Prior, every field that both records have, and the sum, as bars over one axis in bits."""
    bars, at = [], 0.0
    for step in steps:
        weight = float(step["weight"])
        if step["level"] == "missing":
            continue
        bars.append(Bar(str(step["field"]).replace("_", " "), str(step["level"]).replace("_", " "), at, at + weight))
        at += weight
    bars.append(Bar("match weight", f"probability {chance:.4f}", 0, at, total=True))
    return bar_chart(bars, f"From the prior to the match weight of {at:.1f} bits in {len(bars) - 1} steps.")


def pair_picture(story: Mapping[str, Any]) -> str:
    """The waterfall of `identity explain A B` as an SVG file."""
    return standalone(pair_chart(story).chart, str(story["headline"]))


def pair_page(story: Mapping[str, Any]) -> str:
    """The page of `identity explain A B`."""
    study = Study(
        title="Are these two one person?",
        about="the published generation",
        lead=str(story["headline"]),
        tiles=(),
        sections=(
            Section(
                id="waterfall",
                title="How the score came about",
                shows="Each bit doubles the odds that the two records are one person.",
                alarming="a single field that carries the whole weight.",
                body=(pair_chart(story),),
            ),
        ),
        note="m: how often records of one person agree like this; u: any two records. Rarity is what a rare or common "
        "value adds or takes off.",
    )
    return render_study(study)
