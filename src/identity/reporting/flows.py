"""Flows between named places as an inline SVG (a Sankey picture), in the manner of `reporting.charts`.

Ribbons stretch with the page, letters keep their size. The drawing is one image with a label for a screen reader and
stands beside the same figures as a table.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

_HEIGHT, _GAP, _NODE = 300.0, 16.0, 1.2
_LEAST = 1.5


@dataclass(frozen=True)
class Flow:
    """So many going from a place of one column to a place of the next."""

    column: int
    start: str
    end: str
    n: int


@dataclass(frozen=True)
class _Node:
    left: float
    top: float
    height: float


Place = tuple[int, str]


def sankey(flows: Sequence[Flow], columns: int, label: str, quiet: frozenset[str] = frozenset()) -> Markup:
    """Flows over `columns` columns, the first 0; `quiet` places are drawn in grey. Empty without flows.

    A place is as high as the larger of what comes and what goes, the highest of a column first.
    """
    if not flows:
        return Markup("")
    sizes = _sizes(flows)
    scale = _scale(sizes, columns)
    nodes = _nodes(sizes, columns, scale)
    ribbons = Markup("").join(_ribbons(flows, nodes, scale, quiet))
    marks = Markup("").join(_mark(place, node, sizes[place], columns, quiet) for place, node in nodes.items())
    return Markup(
        '<div class="scroll" role="group" aria-label="{1}" tabindex="0">'
        '<svg class="flow" width="100%" height="{0}" role="img" aria-label="{1}">'
        '<svg aria-hidden="true" width="100%" height="{0}" viewBox="0 0 100 {0}" preserveAspectRatio="none">{2}</svg>'
        "{3}</svg></div>"
    ).format(int(_HEIGHT + _GAP), label, ribbons, marks)


def _sizes(flows: Sequence[Flow]) -> dict[Place, int]:
    comes: dict[Place, int] = defaultdict(int)
    goes: dict[Place, int] = defaultdict(int)
    for flow in flows:
        goes[flow.column, flow.start] += flow.n
        comes[flow.column + 1, flow.end] += flow.n
    found = {place: max(comes[place], goes[place]) for place in (*comes, *goes)}
    return dict(sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1])))


def _scale(sizes: Mapping[Place, int], columns: int) -> float:
    """Pixels for one, so that the fullest column fits."""
    by_column = [[n for (column, _), n in sizes.items() if column == at] for at in range(columns)]
    return min((_HEIGHT - _GAP * len(held)) / sum(held) for held in by_column if held)


def _nodes(sizes: Mapping[Place, int], columns: int, scale: float) -> dict[Place, _Node]:
    tops: dict[int, float] = defaultdict(lambda: _GAP)
    found = {}
    for (column, name), n in sizes.items():
        height = max(n * scale, _LEAST)
        found[column, name] = _Node(column * (100 - _NODE) / (columns - 1), tops[column], height)
        tops[column] += height + _GAP
    return found


def _ribbons(flows: Sequence[Flow], nodes: Mapping[Place, _Node], scale: float, quiet: frozenset[str]) -> list[Markup]:
    """Each ribbon begins and ends below the ones before it, those that end higher first."""
    left_used: dict[Place, float] = defaultdict(float)
    right_used: dict[Place, float] = defaultdict(float)
    ordered = sorted(flows, key=lambda f: (f.column, nodes[f.column, f.start].top, nodes[f.column + 1, f.end].top))
    found = []
    for flow in ordered:
        start, end = nodes[flow.column, flow.start], nodes[flow.column + 1, flow.end]
        high = max(flow.n * scale, _LEAST / 2)
        y0 = start.top + left_used[flow.column, flow.start]
        y1 = end.top + right_used[flow.column + 1, flow.end]
        left_used[flow.column, flow.start] += high
        right_used[flow.column + 1, flow.end] += high
        x0, x1 = start.left + _NODE, end.left
        middle = (x0 + x1) / 2
        found.append(
            Markup(
                '<path class="t-{0}" d="M{1:.2f},{2:.1f} C{3:.2f},{2:.1f} {3:.2f},{4:.1f} {5:.2f},{4:.1f} '
                'L{5:.2f},{6:.1f} C{3:.2f},{6:.1f} {3:.2f},{7:.1f} {1:.2f},{7:.1f} Z"/>'
            ).format("apart" if flow.start in quiet else "link", x0, y0, middle, y1, x1, y1 + high, y0 + high)
        )
    return found


def _mark(place: Place, node: _Node, n: int, columns: int, quiet: frozenset[str]) -> Markup:
    """The bar of a place and its name, beside it or, in the last column, below it."""
    column, name = place
    is_last = column == columns - 1
    down = node.height + 16 if is_last else min(node.height / 2, 20) + 4
    return Markup(
        '<rect class="t-{0}" x="{1:.2f}%" width="{2}%" y="{3:.1f}" height="{4:.1f}"/>'
        '<text class="mark" x="{5:.2f}%" dx="{6}" y="{7:.1f}" text-anchor="{8}">{9} {10:,}</text>'
    ).format(
        "apart" if name in quiet else "link", node.left, _NODE, node.top, node.height,
        node.left + _NODE, 0 if is_last else 6, node.top + down,
        "end" if is_last else "start", name.replace("_", " "), n,
    )  # fmt: skip
