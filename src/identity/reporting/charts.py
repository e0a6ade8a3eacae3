"""Charts as inline SVG, drawn on the server.

Positions are percentages and letters keep their size, so that one drawing serves a laptop and a phone.
Colours are classes of the style sheet (light, dark and print). Every chart stands beside the same figures
as a table; the drawing itself is one image with a label for a screen reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from identity.reporting.page import Tone
from identity.reporting.words import signed

_HEIGHT = 240
_FLOOR = 210
_TOP = 42


@dataclass(frozen=True)
class Bin:
    """One column of a histogram: its left edge and the stacked counts by tone, bottom first."""

    left: float
    parts: tuple[tuple[Tone, int], ...]

    @property
    def total(self) -> int:
        """All counts of the column."""
        return sum(n for _, n in self.parts)


@dataclass(frozen=True)
class Threshold:
    """A vertical line of a histogram."""

    at: float
    label: str


def bar(value: float | None, tone: Tone = "link") -> Markup:
    """A horizontal bar for a share between 0 and 1, to stand beside its number."""
    width = 0.0 if value is None else max(0.0, min(1.0, float(value))) * 100
    if 0 < width < 0.5:
        width = 0.5
    return Markup(
        '<svg class="bar" width="100%" height="12" aria-hidden="true" focusable="false">'
        '<rect class="rail" width="100%" height="12" rx="2"/>'
        '<rect class="t-{}" width="{:.2f}%" height="12" rx="2"/></svg>'
    ).format(tone, width)


def waterfall(start: float, end: float, low: float, high: float) -> Markup:
    """One floating bar of a waterfall from `start` to `end` on the axis `low` .. `high`, in bits."""
    span = (high - low) or 1.0
    left = (min(start, end) - low) / span * 100
    width = max(abs(end - start) / span * 100, 0.6)
    zero = (0 - low) / span * 100
    tone = "link" if end >= start else "vetoed"
    return Markup(
        '<svg class="fall" width="100%" height="16" aria-hidden="true" focusable="false">'
        '<line class="zero" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="16"/>'
        '<rect class="t-{1}" x="{2:.2f}%" width="{3:.2f}%" y="2" height="12" rx="1.5"/></svg>'
    ).format(zero, tone, left, width)


def histogram(bins: Sequence[Bin], width: float, thresholds: Sequence[Threshold], label: str) -> Markup:
    """Stacked columns of equal `width` over a numeric axis with vertical threshold lines.

    The scale is square root above 50:1, so that a small but important middle stays visible; the label
    of the axis says so. Returns an empty drawing for no bins.
    """
    if not bins:
        return Markup("")
    low = min([b.left for b in bins] + [t.at for t in thresholds])
    high = max([b.left + width for b in bins] + [t.at for t in thresholds])
    axis = _Axis(low - width / 2, high + width / 2)
    rooted = is_rooted(bins)
    parts = [_column(b, width, axis, max(b.total for b in bins), rooted=rooted) for b in bins]
    parts += [_tick(at, axis) for at in _ticks(low, high)]
    parts += [_line(t, axis, row) for row, t in enumerate(sorted(thresholds, key=lambda t: t.at))]
    return Markup(
        '<svg class="histogram" width="100%" height="{}" role="img" aria-label="{}">'
        '<line class="axis" x1="0" x2="100%" y1="{}" y2="{}"/>{}</svg>'
    ).format(_HEIGHT, label, _FLOOR, _FLOOR, Markup("").join(parts))


def is_rooted(bins: Sequence[Bin]) -> bool:
    """Whether the heights are square roots of the counts."""
    totals = [b.total for b in bins if b.total]
    return bool(totals) and max(totals) > 50 * min(totals)


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float

    def at(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low) * 100


def _column(entry: Bin, width: float, axis: _Axis, largest: int, *, rooted: bool) -> Markup:
    full = _FLOOR - _TOP
    ratio = entry.total / largest
    height = full * (ratio**0.5 if rooted else ratio)
    x, wide = axis.at(entry.left), width / (axis.high - axis.low) * 100 * 0.9
    drawn, floor = Markup(""), float(_FLOOR)
    for tone, n in entry.parts:
        if n:
            tall = max(height * n / entry.total, 1.0)
            floor -= tall
            drawn += Markup('<rect class="t-{}" x="{:.2f}%" width="{:.2f}%" y="{:.1f}" height="{:.1f}"/>').format(
                tone, x, wide, floor, tall
            )
    return drawn


def _ticks(low: float, high: float) -> list[int]:
    step = next((s for s in (1, 2, 5, 10, 20) if (high - low) / s <= 8), 50)
    first = int(-(-low // step)) * step
    return list(range(first, int(high) + 1, step))


def _tick(at: int, axis: _Axis) -> Markup:
    x = axis.at(at)
    return Markup(
        '<line class="axis" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}"/>'
        '<text class="tick" x="{0:.2f}%" y="{3}" text-anchor="middle">{4}</text>'
    ).format(x, _FLOOR, _FLOOR + 4, _FLOOR + 18, signed(at).removesuffix(".0") if at else "0")


def _line(threshold: Threshold, axis: _Axis, row: int) -> Markup:
    """The line and its label, each label on its own row so that near thresholds stay readable."""
    x, top = axis.at(threshold.at), 12 + 15 * row
    left = x > 75
    return Markup(
        '<line class="threshold" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}"/>'
        '<text class="mark" x="{0:.2f}%" dx="{3}" y="{4}" text-anchor="{5}">{6}</text>'
    ).format(x, top - 10, _FLOOR, -5 if left else 5, top, "end" if left else "start", threshold.label)
