"""Reliability diagram: of the pairs that the model gives a probability, how many are true.

A picture in plain SVG: one thin line per set, one strong line for all sets with every set weighing the same, the
diagonal of perfect calibration, and beneath it how many pairs have such a probability.
"""

from html import escape
from typing import Any

import numpy as np
import pandas as pd

from identity.runs.run import Run

BINS = np.linspace(0, 1, 11)
FEWEST = 20
"""Pairs of a bin from which on it is drawn."""
SIZE, LEFT, TOP, HEIGHT = 420, 60, 30, 110
COLOURS = (
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb", "#994455", "#997700", "#6699cc",
    "#eecc66", "#ee99aa", "#000000",
)  # fmt: skip
Pairs = tuple[np.ndarray, np.ndarray]
"""(calibrated probability, whether it is true) of pairs."""


def scored_pairs(run: Run, truth: pd.DataFrame) -> Pairs:
    """All pairs of `match.candidate_pair` that a blocking rule proposed, repeats of a record apart."""
    columns = ["pk_a", "pk_b", "stage", "rule_id", "match_probability"]
    pairs = pd.read_parquet(run.workspace.path("match.candidate_pair"), columns=columns)
    pairs = pairs[pairs["rule_id"].ne("identical_record") | pairs["rule_id"].isna()]
    entity = truth.set_index("record_id")["entity_id"]
    one, other = (entity.reindex(pairs[side].astype(str)).to_numpy() for side in ("pk_a", "pk_b"))
    judged = ~(pd.isna(one) | pd.isna(other))
    return pairs["match_probability"].to_numpy()[judged], (one == other)[judged]


def binned(pairs: Pairs, weight: np.ndarray | None = None) -> list[tuple[float, float, int]]:
    """(mean probability, share that is true, number of pairs) of each bin that holds pairs."""
    chance, true = pairs
    weight = np.ones(len(chance)) if weight is None else weight
    place = np.clip(np.digitize(chance, BINS) - 1, 0, len(BINS) - 2)
    rows = []
    for number in range(len(BINS) - 1):
        held = place == number
        if held.any():
            rows.append(
                (
                    float(np.average(chance[held], weights=weight[held])),
                    float(np.average(true[held], weights=weight[held])),
                    int(held.sum()),
                )
            )
    return rows


def calibration_error(pairs: Pairs) -> float:
    """Expected calibration error: mean distance of probability and truth over the bins, weighed by their pairs."""
    total = max(len(pairs[0]), 1)
    return sum(abs(chance - share) * count for chance, share, count in binned(pairs)) / total


def draw(sets: dict[str, Pairs]) -> str:
    """The picture for some sets."""
    pooled = np.concatenate([held[0] for held in sets.values()]), np.concatenate([held[1] for held in sets.values()])
    weight = np.concatenate([np.full(len(held[0]), 1 / max(len(held[0]), 1)) for held in sets.values()])
    body = [_frame(), _counts(pooled)]
    for number, (name, held) in enumerate(sets.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(chance, share) for chance, share, count in binned(held) if count >= FEWEST]
        body.append(_line(points, colour, 1.2))
        body.append(_legend(number, name, colour, calibration_error(held)))
    body.append(_line([(chance, share) for chance, share, _ in binned(pooled, weight)], "#000000", 3))
    body.append(_legend(len(sets), "all, sets weighed alike", "#000000", calibration_error(pooled)))
    width, height = LEFT + SIZE + 300, TOP + SIZE + HEIGHT + 70
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="Reliability of match probabilities">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _at(chance: float, share: float) -> tuple[float, float]:
    return LEFT + chance * SIZE, TOP + (1 - share) * SIZE


def _text(x: float, y: float, words: str, **attributes: Any) -> str:
    given = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{given}>{escape(words)}</text>'


def _frame() -> str:
    parts = [f'<rect x="{LEFT}" y="{TOP}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#888888"/>']
    for tenth in range(0, 11, 2):
        x, y = _at(tenth / 10, tenth / 10)
        parts.append(_text(x, TOP + SIZE + 16, f"{tenth / 10:.1f}", text_anchor="middle"))
        parts.append(_text(LEFT - 8, y + 4, f"{tenth / 10:.1f}", text_anchor="end"))
    x, y = LEFT + SIZE / 2, TOP + SIZE / 2
    parts.append(
        f'<line x1="{LEFT}" y1="{TOP + SIZE}" x2="{LEFT + SIZE}" y2="{TOP}" stroke="#888888" stroke-dasharray="4"/>'
    )
    parts.append(_text(x, TOP + SIZE + 34, "match probability", text_anchor="middle"))
    parts.append(_text(18, y, "share that is true", text_anchor="middle", transform=f"rotate(-90 18 {y})"))
    parts.append(_text(LEFT, 18, "Pairs by match probability and truth", font_weight="bold"))
    return "\n".join(parts)


def _counts(pairs: Pairs) -> str:
    """Bars beneath: pairs per bin, on a logarithmic scale."""
    rows = np.histogram(pairs[0], BINS)[0]
    most = np.log10(max(rows.max(), 10))
    foot, parts = TOP + SIZE + 46 + HEIGHT, []
    for number, count in enumerate(rows.tolist()):
        tall = np.log10(max(count, 1)) / most * (HEIGHT - 20)
        x = LEFT + number * SIZE / 10
        bar = f'x="{x + 3:.1f}" y="{foot - tall:.1f}" width="{SIZE / 10 - 6:.1f}" height="{tall:.1f}"'
        parts.append(f'<rect {bar} fill="#cccccc"/>')
        parts.append(_text(x + SIZE / 20, foot - tall - 4, f"{count:,}", text_anchor="middle", font_size=9))
    return "\n".join(parts)


def _line(points: list[tuple[float, float]], colour: str, width: float) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(*point) for point in points))
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _legend(number: int, name: str, colour: str, error: float) -> str:
    y = TOP + 12 + number * 18
    x = LEFT + SIZE + 16
    mark = f'<line x1="{x}" y1="{y - 4}" x2="{x + 20}" y2="{y - 4}" stroke="{colour}" stroke-width="3"/>'
    return mark + _text(x + 26, y, f"{name} (error {error:.3f})")
