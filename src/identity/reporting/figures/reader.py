"""Asks the tables of a run: one query of `sql/report/` at a time, kept with the text an analyst can run.

Queries read the tables of the run and, as `prior.…`, those of the generation before. What an analyst runs reads the
published warehouse instead: `runnable` says where each of the others stands.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from identity.engine.sql import literal, load
from identity.reporting.page import Cell, Grid, Head, Kind, Query, Signal, Tone
from identity.runs.run import Run
from identity.runs.workspace import Session, declared

Row = Mapping[str, Any]
_PARAMETER = re.compile(r"\$([a-z_]\w*)")
_PRIOR = re.compile(r"\bprior\.(\w+)")
_SCORED = "match.scored_pair"


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
    """The tables of one run, as far as it came; `last` has the rows of some queries in the run before, by query."""

    run: Run
    db: Session
    last: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    is_unmasked: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)

    def ask(self, name: str) -> Answer:
        """The answer of `sql/report/<name>.sql`; asked once, however many sections want it."""
        if name not in self.answers:
            parameters = _parameters(self.run)
            rows = self.db.query(f"report/{name}", **parameters).to_pylist()
            query = Query(
                f"sql/report/{name}.sql", runnable(self.run, load(f"report/{name}"), parameters, self.previous)
            )
            self.answers[name] = Answer(query, tuple(rows))
        return self.answers[name]

    @cached_property
    def previous(self) -> int | None:
        """The last published generation, None for the first."""
        found = self.db.query("report/last_run").to_pylist()
        return int(found[0]["run_number"]) if found else None

    def reached(self, *tables: str) -> bool:
        """Whether the run wrote all of these tables."""
        return all(self.run.workspace.files(name) for name in tables)

    def before(self, name: str, keys: str, value: str, label: str = "last run") -> "tuple[Column, ...]":
        """A column with the value that rows of the same `keys` had in the last published run; none without one."""
        if not self.last.get(name):
            return ()
        names = keys.split()
        kind: Kind = "share" if "share" in value else "count"
        known = {_key(row, names): row.get(value) for row in self.last[name]}
        return (Column(label, kind, lambda row: known.get(_key(row, names), None if kind == "share" else 0)),)

    def masked(self, mask: Callable[..., str | None], *values: Any) -> str | None:
        """A personal value as this report may show it: masked, unless the whole report is unmasked."""
        if not self.is_unmasked:
            return mask(*values)
        shown = next((value for value in values if value not in (None, "")), None)
        return None if shown is None else str(shown)


def _key(row: Row, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in names)


def _parameters(run: Run) -> dict[str, float | int]:
    matching = run.settings.matching
    return {
        "number": run.number,
        "link_threshold": matching.link_threshold,
        "review_threshold": matching.review_threshold,
    }


def runnable(run: Run, text: str, parameters: Mapping[str, float | int], previous: int | None) -> str:
    """The text for a shell over the published warehouse, started in its folder; never executed here.

    Numbers stand in the place of parameters, the last generation is attached as `prior` (the first run has empty
    tables instead), and scored pairs, which are not published, are read from the folder of the run.
    """
    state = run.settings.state
    place = state.name if state.parent == run.settings.warehouse.parent else str(state)
    head, body = _headed(text)
    body = _PARAMETER.sub(lambda found: str(parameters.get(found[1], found[0])), body)
    body = re.sub(rf"\b{re.escape(_SCORED)}\b", lambda _: _scored(run, place), body)
    tables = {found: str(getattr(declared(f"prior.{found}"), "name", found)) for found in _PRIOR.findall(body)}
    if previous is None:  # an empty table, as the run saw it
        body = _PRIOR.sub(lambda found: f"(from {tables[found[1]]} limit 0)", body)
        return "\n".join([*head, body + ";"])
    body = _PRIOR.sub(lambda found: f"prior.{tables[found[1]]}", body)
    kept = literal(f"{place}/generations/g{previous:06d}.duckdb")
    attached = [f"attach if not exists {kept} as prior (read_only);"] if tables else []
    return "\n".join([*head, *attached, body + ";"])


def _headed(text: str) -> tuple[list[str], str]:
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return lines[:end], "\n".join(lines[end:])


def _scored(run: Run, place: str) -> str:
    files = run.workspace.files(_SCORED)
    if not files:
        return "(select null::varchar as rule_id, null::double as match_weight limit 0)"
    names = (literal(f"{place}/runs/{run.run_id}/{path.relative_to(run.folder).as_posix()}") for path in files)
    return f"read_parquet([{', '.join(names)}])"


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
