"""What a report is made of, as values; `reporting.render` turns them into HTML.

A section is data: words, grids, figures and the queries behind them. The templates know how a grid looks
and nothing about matching; the functions in `reporting.figures` know what to show and nothing about HTML.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from markupsafe import Markup

Kind = Literal["text", "code", "count", "share", "number", "probability", "state", "bar", "dot", "change"]
Tone = Literal["good", "warn", "bad", "note", "plain", "link", "review", "vetoed", "apart"]
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
class Link:
    """A page beside the report."""

    target: str
    words: str


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
    links: tuple[Link, ...] = ()


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
    compared: str = ""
    is_unmasked: bool = False
    generation: str = ""


@dataclass(frozen=True)
class Study:
    """A page of its own about one question: an evaluation, the model, one pair."""

    title: str
    about: str
    lead: str
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    note: str


@dataclass(frozen=True)
class IndexEntry:
    """One line of the list of runs, and what its trends are drawn from.

    `joined` is the share of records joined away, `waiting` counts cases, `moved` is the share of the known records that
    changed their profile; `precision` and `recall` are the estimates without labels.
    """

    run_id: str
    number: int
    as_of: str
    word: str
    tone: str
    records: int
    profiles: int
    file: str
    joined: float | None = None
    waiting: int | None = None
    moved: float | None = None
    precision: float | None = None
    recall: float | None = None
