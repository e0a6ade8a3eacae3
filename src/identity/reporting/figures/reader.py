"""Asks the tables of a run: one query of `sql/report/` at a time, kept with the text an analyst can run."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from identity.engine.sql import load
from identity.reporting.page import Cell, Grid, Head, Kind, Query, Signal, Tone
from identity.runs.run import Run
from identity.runs.workspace import Session

Row = Mapping[str, Any]
_PARAMETER = re.compile(r"\$([a-z_]\w*)")


@dataclass(frozen=True)
class Answer:
    """Rows of one query and the query."""

    query: Query
    rows: tuple[Row, ...]

    @property
    def one(self) -> Row:
        """The first row, empty when there is none."""
        return self.rows[0] if self.rows else {}

    def total(self, column: str) -> int:
        """Sum of a count over the rows."""
        return sum(int(row[column] or 0) for row in self.rows)


@dataclass(frozen=True)
class Reader:
    """The tables of one run, as far as it came."""

    run: Run
    db: Session
    answers: dict[str, Answer] = field(default_factory=dict)

    def ask(self, name: str) -> Answer:
        """The answer of `sql/report/<name>.sql`; asked once, however many sections want it."""
        if name not in self.answers:
            parameters = _parameters(self.run)
            rows = self.db.query(f"report/{name}", **parameters).to_pylist()
            query = Query(f"sql/report/{name}.sql", _runnable(load(f"report/{name}"), parameters))
            self.answers[name] = Answer(query, tuple(rows))
        return self.answers[name]

    def reached(self, *tables: str) -> bool:
        """Whether the run wrote all of these tables."""
        return all(self.run.workspace.files(name) for name in tables)


def _parameters(run: Run) -> dict[str, float | int]:
    matching = run.settings.matching
    return {
        "number": run.number,
        "link_threshold": matching.link_threshold,
        "review_threshold": matching.review_threshold,
    }


def _runnable(text: str, parameters: Mapping[str, float | int]) -> str:
    """The text with numbers in the place of parameters, for reading and for a shell; never executed here."""
    return _PARAMETER.sub(lambda found: str(parameters.get(found[1], found[0])), text) + ";"


class Column(NamedTuple):
    """A column of a grid: its label, how cells are written, and the key of the row or a function of it."""

    label: str
    kind: Kind
    value: str | Callable[[Row], Cell]
    tone: Tone = "link"


def grid(caption: str, rows: Sequence[Row], *columns: Column, note: str = "", folded: bool = False) -> Grid:
    """A grid whose cells are taken from the rows of an answer."""
    return Grid(
        caption,
        tuple(Head(column.label, column.kind, column.tone) for column in columns),
        tuple(tuple(_cell(row, column.value) for column in columns) for row in rows),
        note,
        folded,
    )


def _cell(row: Row, value: str | Callable[[Row], Cell]) -> Cell:
    found: Cell = row[value] if isinstance(value, str) else value(row)
    return found


def counts(*names: str) -> tuple[Column, ...]:
    """Columns of whole numbers: `key` or `key=label`."""
    split = [name.partition("=") for name in names]
    return tuple(Column(label or key.replace("_", " "), "count", key) for key, _, label in split)


def codes(*names: str) -> tuple[Column, ...]:
    """Columns of names of ours or of a source: `key` or `key=label`."""
    split = [name.partition("=") for name in names]
    return tuple(Column(label or key.replace("_", " "), "code", key) for key, _, label in split)


def shared(label: str, value: str | Callable[[Row], Cell], tone: Tone = "link") -> tuple[Column, Column]:
    """A share as a percentage and as a bar."""
    return Column(label, "share", value), Column("", "bar", value, tone)


def when(condition: object, tone: Tone, text: str, section: str) -> tuple[Signal, ...]:
    """A signal where the condition holds."""
    return (Signal(tone, text, section),) if condition else ()


def part(value: float | None, whole: float | None) -> float | None:
    """A share, None where there is no whole."""
    return float(value) / float(whole) if value is not None and whole else None


def plural(n: int, one: str, many: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
