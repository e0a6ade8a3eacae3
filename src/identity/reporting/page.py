"""What a report is made of, as values; `render` turns them into HTML.

A section is data: words, grids, figures and the queries behind them. The templates know how a grid looks
and nothing about matching; the functions in `reporting.figures` know what to show and nothing about HTML.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import jinja2
from markupsafe import Markup

Kind = Literal["text", "code", "count", "share", "number", "probability", "state", "bar", "dot", "change"]
Tone = Literal["good", "warn", "bad", "plain", "link", "review", "vetoed", "apart"]
Cell = str | int | float | bool | Decimal | datetime | date | None


@dataclass(frozen=True)
class Head:
    """A column of a grid: its label, how its cells are written and, for bars, their colour."""

    label: str
    kind: Kind = "text"
    tone: Tone = "link"


@dataclass(frozen=True)
class Grid:
    """A table: caption, heads and rows of plain values in the order of the heads."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Figure:
    """A chart with the same figures as a grid beneath it."""

    caption: str
    chart: Markup
    grid: Grid
    keys: tuple[tuple[Tone, str], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """One field of two records: masked values and whether they agree."""

    field: str
    left: str
    right: str
    agreement: Literal["same", "similar", "differs", "missing"]


@dataclass(frozen=True)
class Step:
    """One step of a waterfall: what it is, what was seen, its weight in bits and the drawn bar."""

    label: str
    seen: str
    weight: float
    chart: Markup


@dataclass(frozen=True)
class Example:
    """Two records side by side and how their score came about."""

    title: str
    outcome: str
    tone: Tone
    left: tuple[str, str, str]
    right: tuple[str, str, str]
    fields: tuple[Comparison, ...]
    steps: tuple[Step, ...]
    note: str


@dataclass(frozen=True)
class Band:
    """Examples of one band of scores, and how many pairs they stand for."""

    title: str
    words: str
    pairs: int
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Signal:
    """Something that a reader should look at, with the section that shows it."""

    tone: Tone
    text: str
    section: str


@dataclass(frozen=True)
class Query:
    """A query as an analyst can run it on the warehouse."""

    name: str
    sql: str


@dataclass(frozen=True)
class Section:
    """One part of the report. `reached` is false when the run ended before its tables were written."""

    id: str
    title: str
    shows: str
    alarming: str
    body: tuple[Grid | Figure | Band, ...] = ()
    queries: tuple[Query, ...] = ()
    signals: tuple[Signal, ...] = ()
    reached: bool = True
    empty: str = "Nothing to show."


@dataclass(frozen=True)
class Chapter:
    """Sections that answer one question."""

    id: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Tile:
    """One of the large numbers at the head."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether the run was published, why, and what to do next."""

    word: str
    tone: Tone
    sentence: str
    reasons: tuple[str, ...]
    next_step: str


@dataclass(frozen=True)
class Page:
    """The whole report."""

    title: str
    verdict: Verdict
    tiles: tuple[Tile, ...]
    facts: tuple[tuple[str, str], ...]
    signals: tuple[Signal, ...]
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True)
class IndexEntry:
    """One line of the list of runs."""

    run_id: str
    number: int
    as_of: str
    word: str
    tone: str
    records: int
    profiles: int
    file: str


def render(page: Page) -> str:
    """The report as one HTML document."""
    return _environment().get_template("report.html.j2").render(page=page, css=_css())


def render_index(entries: Sequence[IndexEntry]) -> str:
    """The list of runs as one HTML document."""
    return _environment().get_template("index.html.j2").render(entries=entries, css=_css())


def count(value: Any) -> str:
    """A whole number with thousands separators, `–` when there is none."""
    return "–" if value is None else f"{int(value):,}"


def share(value: Any) -> str:
    """A share of one as a percentage: one decimal, two below one percent, `<0.01 %` rather than a false 0."""
    if value is None:
        return "–"
    percent = float(value) * 100
    if percent == 0:
        return "0 %"
    if abs(percent) < 0.01:
        return "<0.01 %"
    return f"{percent:.2f} %" if abs(percent) < 1 else f"{percent:.1f} %"


def number(value: Any) -> str:
    """A number with at most two decimals."""
    if value is None:
        return "–"
    return f"{float(value):,.2f}".rstrip("0").rstrip(".")


def signed(value: Any) -> str:
    """A number with its sign and one decimal; the minus is a minus."""
    return "–" if value is None else f"{float(value):+.1f}".replace("-", "−")


def probability(value: Any) -> str:
    """A probability without a leading zero and never rounded up to certainty."""
    if value is None:
        return "–"
    number_ = float(value)
    if number_ >= 0.9995:
        return "1" if number_ >= 1 else ">.999"
    return "<.001" if 0 < number_ < 0.0005 else f"{number_:.3f}".removeprefix("0")


def change(value: Any) -> str:
    """A relative change with its sign."""
    return "–" if value is None else f"{float(value) * 100:+.1f} %".replace("-", "−")


def clean(value: Any) -> Any:
    """Text without characters that hide or reorder what stands beside them; None becomes `–`.

    Control, bidirectional-override and unassigned characters become `�`; line breaks and tabs stay.
    """
    if value is None:
        return "–"
    if isinstance(value, str) and not isinstance(value, Markup):
        return "".join(_visible(character) for character in value)
    return value


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    return "�" if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Co"} else character


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("identity.reporting", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=count, share=share, number=number, signed=signed, probability=probability, change=change
    )
    environment.tests["band"] = lambda block: isinstance(block, Band)
    environment.tests["figure"] = lambda block: isinstance(block, Figure)
    return environment


@cache
def _css() -> Markup:
    text = files("identity.reporting").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own style sheet
