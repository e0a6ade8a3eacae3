"""Lines, points and rows of bars as inline SVG, and pictures that stand alone.

As in `charts`: positions are percentages, letters keep their size, colours are classes of the style sheet.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from identity.reporting.page import Tone
from identity.reporting.words import signed

_HEIGHT = 260
_TOP, _FLOOR = 28, 220
_ROW = 22
_DOTS = 20
_BARS = 42.0
"""Percent of the width at which bars begin in a chart of rows."""


@dataclass(frozen=True)
class Line:
    """A line through (x, y) points, both between 0 and 1; `dots` marks the points, with an interval of y if given."""

    points: tuple[tuple[float, float], ...]
    tone: Tone = "link"
    dots: bool = False
    intervals: tuple[tuple[float, float], ...] = ()
    dashed: bool = False


def line_chart(lines: Sequence[Line], x_label: str, y_label: str, label: str, low: float = 0.0) -> Markup:
    """Lines over the unit square, from `low` on both axes."""
    parts = [_grid(at, low) for at in _ticks(low)]
    for line in lines:
        parts.append(_line(line, low))
        parts += [_interval(x, ends, low) for (x, _), ends in zip(line.points, line.intervals, strict=False)]
        parts += [_dot(point, line.tone, low) for point in line.points if line.dots]
    parts.append(
        Markup(
            '<text class="tick" x="54%" y="{}" text-anchor="middle">{}</text><text class="mark" x="9%" y="{}">{}</text>'
        ).format(_FLOOR + 36, x_label, _TOP - 12, y_label)
    )
    return Markup('<svg class="curve" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        _HEIGHT, label, Markup("").join(parts)
    )


def _ticks(low: float) -> list[float]:
    return [round(low + (1 - low) * step / 5, 4) for step in range(6)]


def _x(value: float, low: float) -> float:
    return 8 + 90 * max(min((value - low) / (1 - low), 1.0), 0.0)


def _y(value: float, low: float) -> float:
    return _FLOOR - (_FLOOR - _TOP) * max(min((value - low) / (1 - low), 1.0), 0.0)


def _grid(at: float, low: float) -> Markup:
    return Markup(
        '<line class="faint" x1="8%" x2="98%" y1="{0:.1f}" y2="{0:.1f}"/>'
        '<text class="tick" x="7%" y="{1:.1f}" text-anchor="end">{4:g}</text>'
        '<line class="faint" x1="{2:.2f}%" x2="{2:.2f}%" y1="{5}" y2="{3}"/>'
        '<text class="tick" x="{2:.2f}%" y="{6}" text-anchor="middle">{4:g}</text>'
    ).format(_y(at, low), _y(at, low) + 4, _x(at, low), _FLOOR, at, _TOP, _FLOOR + 18)


def _line(line: Line, low: float) -> Markup:
    """Segments between neighbours: a path cannot be told in percent."""
    dashed = Markup(' stroke-dasharray="4 4"') if line.dashed else Markup("")
    segments = [
        Markup('<line class="s-{}" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"{}/>').format(
            line.tone, _x(a[0], low), _y(a[1], low), _x(b[0], low), _y(b[1], low), dashed
        )
        for a, b in zip(line.points, line.points[1:], strict=False)
    ]
    return Markup("").join(segments)


def _interval(x: float, ends: tuple[float, float], low: float) -> Markup:
    return Markup('<line class="axis" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1:.1f}" y2="{2:.1f}"/>').format(
        _x(x, low), _y(ends[0], low), _y(ends[1], low)
    )


def _dot(point: tuple[float, float], tone: Tone, low: float) -> Markup:
    return Markup('<circle class="t-{}" cx="{:.2f}%" cy="{:.1f}" r="4"/>').format(
        tone, _x(point[0], low), _y(point[1], low)
    )


def trend_chart(points: Sequence[tuple[int, float]], label: str, written: Callable[[Any], str]) -> Markup:
    """A small line over (generation, value) points; the first and the last value stand above it.

    The height is at least a fiftieth of the largest value, so that what hardly moved looks like it.
    """
    values = [float(value) for _, value in points]
    span = max(max(values) - min(values), max(map(abs, values)) / 50) or 1.0
    middle = (max(values) + min(values)) / 2
    places = [
        (2 + 96 * number / max(len(points) - 1, 1), 42 - 32 * (value - middle) / span)
        for number, value in enumerate(values)
    ]
    lines = Markup("").join(
        Markup('<line class="s-link" x1="{:.2f}%" y1="{:.1f}" x2="{:.2f}%" y2="{:.1f}"/>').format(*a, *b)
        for a, b in itertools.pairwise(places)
    )
    dots = Markup("").join(
        Markup('<circle class="t-link" cx="{:.2f}%" cy="{:.1f}" r="3"/>').format(*place)
        for place in (places if len(places) <= _DOTS else places[-1:])
    )
    ends = Markup("").join(
        Markup(
            '<text class="mark" x="{0}%" y="12" text-anchor="{1}">{2}</text>'
            '<text class="tick" x="{0}%" y="80" text-anchor="{1}">{3}</text>'
        ).format(x, anchor, written(value), name)
        for x, anchor, value, name in (
            (1, "start", points[0][1], f"generation {points[0][0]}"),
            (99, "end", points[-1][1], str(points[-1][0])),
        )
    )
    words = (
        f"{label}: {written(points[0][1])} in generation {points[0][0]}, {written(points[-1][1])} in {points[-1][0]}"
    )
    return Markup('<svg class="curve" width="100%" height="86" role="img" aria-label="{}">{}{}{}</svg>').format(
        words, lines, dots, ends
    )


@dataclass(frozen=True)
class Bar:
    """A row of a chart of bars: what it is, what was seen, and a bar from `start` to `end` in bits.

    `total` draws it as the sum; `faint` as one that was not learned from the data.
    """

    label: str
    seen: str
    start: float
    end: float
    total: bool = False
    faint: bool = False


def bar_chart(bars: Sequence[Bar], label: str, detail: str = "") -> Markup:
    """Rows of bars over one axis in bits; right of the middle line is for one person, left against."""
    if not bars:
        return Markup("")
    low = min(0.0, *(min(bar.start, bar.end) for bar in bars))
    high = max(0.0, *(max(bar.start, bar.end) for bar in bars))
    height = _ROW * len(bars) + (_ROW if detail else 0)
    parts = [_bar(bar, number, low, high) for number, bar in enumerate(bars)]
    zero = _place(0.0, low, high)
    if detail:
        parts.append(Markup('<text class="tick" x="0" y="{}">{}</text>').format(height - 6, detail))
    return Markup(
        '<svg class="bars" width="100%" height="{0}" role="img" aria-label="{1}">'
        '<line class="zero" x1="{2:.2f}%" x2="{2:.2f}%" y1="0" y2="{3}"/>{4}</svg>'
    ).format(height, label, zero, _ROW * len(bars), Markup("").join(parts))


def _place(value: float, low: float, high: float) -> float:
    return _BARS + (98 - _BARS) * (value - low) / ((high - low) or 1.0)


def _bar(bar: Bar, number: int, low: float, high: float) -> Markup:
    top = number * _ROW
    left = _place(min(bar.start, bar.end), low, high)
    width = max(_place(max(bar.start, bar.end), low, high) - left, 0.3)
    tone = "link" if bar.end >= bar.start else "vetoed"
    weight = bar.end - bar.start
    return Markup(
        '<text class="{0}" x="0" y="{1}">{2}</text><text class="tick" x="18%" y="{1}">{3}</text>'
        '<text class="{0}" x="{4}%" y="{1}" text-anchor="end">{5}</text>'
        '<rect class="t-{6}" x="{7:.2f}%" width="{8:.2f}%" y="{9}" height="{10}" rx="2"{11}/>'
    ).format(
        "mark" if bar.total else "label",
        top + 15,
        bar.label,
        bar.seen,
        _BARS - 1,
        signed(weight),
        tone,
        left,
        width,
        top + 4,
        _ROW - 8,
        Markup(' opacity="0.45"') if bar.faint else Markup(""),
    )


_STYLE = Markup(
    "text{font:12px system-ui,sans-serif;fill:#55606b}.label,.mark{fill:#1c2228}.mark{font-weight:600}"
    ".t-link,.t-plain{fill:#3577b8}.t-vetoed{fill:#a3478e}.t-review{fill:#dd9a20}.t-apart{fill:#9aa3ad}"
    ".zero,.axis{stroke:#55606b}.faint{stroke:#dfe3e8}"
)


def standalone(chart: Markup, title: str, width: int = 900) -> str:
    """A chart as an SVG file of its own, with its colours and title, on white."""
    body = str(chart)
    height = int(body.partition('height="')[2].partition('"')[0] or 0)
    inner = Markup(  # noqa: S704 - a chart of ours, escaped when it was drawn
        body.replace("<svg ", '<svg x="16" y="40" ', 1).replace('width="100%"', f'width="{width - 32}"', 1)
    )
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" role="img" aria-label="{2}">'
            '<style>{3}</style><rect width="100%" height="100%" fill="#ffffff"/>'
            '<text class="mark" x="16" y="24">{2}</text>{4}</svg>\n'
        ).format(width, height + 56, title, _STYLE, inner)
    )
