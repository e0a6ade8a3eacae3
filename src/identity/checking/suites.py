r"""The suite files of `expectations/`: what a data engineer edits.

One file is one Great Expectations suite about one frame, `expectations/<boundary>/<subject>.json`:

    {"name": "standardised.source_record",
     "meta": {"about": "...", "table": "std.source_record", "columns": ["phone_e164"], "sample_rows": 1000000},
     "expectations": [{"type": "expect_column_values_to_match_regex", "severity": "critical",
                       "kwargs": {"column": "phone_e164", "regex": "^\\+[1-9]\\d{6,14}$"},
                       "meta": {"why": "...", "next": "..."}}]}

A frame is either `table` with `columns` (its key is added, so that a fault names its rows), or `query`: a
file of `sql/` that counts what is heavier than a look at one row. `{"$PARAMETER": "gate.max_reject_rate"}`
stands for a setting or a figure of the last published run (`identity.checking.parameters`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from identity.errors import ConfigurationError
from identity.tables import tables

SAMPLE_ROWS = 1_000_000
_QUERY = re.compile(r"checks/[a-z_]+")


class Severity(StrEnum):
    """What a failure does: critical stops the run, warning is shown, info is noted."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Expectation:
    """One line of a suite: `type` and `kwargs` are Great Expectations' own."""

    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    name: str
    why: str
    next: str

    @property
    def column(self) -> str:
        """The column or columns it is about, empty when it is about the whole frame."""
        pair = (self.kwargs.get("column_A"), self.kwargs.get("column_B"))
        columns = self.kwargs.get("column_list") or [name for name in pair if name]
        return str(self.kwargs.get("column") or ", ".join(columns))


@dataclass(frozen=True)
class Suite:
    """One file: `table` with `columns`, or `query`; `key` columns name the rows at fault."""

    name: str
    about: str
    expectations: tuple[Expectation, ...]
    table: str = ""
    columns: tuple[str, ...] = ()
    query: str = ""
    key: tuple[str, ...] = ()
    sample_rows: int = SAMPLE_ROWS

    @cached_property
    def frame_columns(self) -> tuple[str, ...]:
        """Columns of a table frame: the key that may be shown, then the others."""
        return tuple(dict.fromkeys((*self.key, *self.columns)))

    def subject(self, expectation: Expectation) -> str:
        """What an expectation is about, in words of the tables."""
        place = self.table or self.query
        return f"{place}.{expectation.column}" if expectation.column else place


def load_suites(folder: Path) -> tuple[Suite, ...]:
    """Every suite below a folder, by name. Raises ConfigurationError naming the file and what is wrong."""
    files = sorted(folder.glob("*/*.json"))
    if not files:
        raise ConfigurationError(f"{folder}: no suites; a run without checks is not published")
    return tuple(_suite(path) for path in files)


def _suite(path: Path) -> Suite:
    place = f"expectations/{path.parent.name}/{path.name}"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        meta = data["meta"]
        table, query = meta.get("table", ""), meta.get("query", "")
        suite = Suite(
            name=data["name"],
            about=meta["about"],
            expectations=tuple(_expectation(entry) for entry in data["expectations"]),
            table=table,
            columns=tuple(meta.get("columns", ())),
            query=query,
            key=_shown_key(table) if table in tables() else tuple(meta.get("key", ())),
            sample_rows=int(meta.get("sample_rows", SAMPLE_ROWS)),
        )
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{place}: not valid JSON: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"{place}: {type(error).__name__}: {error}; see docs/checks.md") from None
    problem = next(_problems(suite, f"{path.parent.name}.{path.stem}"), None)
    if problem:
        raise ConfigurationError(f"{place}: {problem}")
    return suite


def _expectation(entry: Mapping[str, Any]) -> Expectation:
    meta = entry["meta"]
    return Expectation(
        type=entry["type"],
        kwargs=entry["kwargs"],
        severity=Severity(entry["severity"]),
        name=meta.get("name", entry["type"]),
        why=meta["why"],
        next=meta["next"],
    )


def _shown_key(table: str) -> tuple[str, ...]:
    """Key columns of a table that may be shown, because they hold nothing personal."""
    entry = tables()[table]
    personal = {column.name for column in entry.columns if column.personal}
    return tuple(name for name in entry.key if name not in personal)


def _problems(suite: Suite, name: str) -> Iterator[str]:
    if suite.name != name:
        yield f"its name is {suite.name!r}, its place says {name!r}"
    if bool(suite.table) == bool(suite.query):
        yield "meta needs either `table` with `columns` or `query`"
    if suite.query and not _QUERY.fullmatch(suite.query):
        yield "`query` must be checks/<name>, a file of sql/checks/"
    if suite.table:
        yield from _table_problems(suite)
    seen = set()
    for entry in suite.expectations:
        if (entry.name, entry.column) in seen:
            yield f"{entry.name} on {entry.column or 'the table'} stands twice; give one a `name` in its meta"
        seen.add((entry.name, entry.column))


def _table_problems(suite: Suite) -> Iterator[str]:
    if suite.table not in tables():
        yield f"there is no table {suite.table}; `identity.tables` names them"
        return
    unknown = set(suite.columns) - {column.name for column in tables()[suite.table].columns}
    if unknown:
        yield f"{suite.table} has no column {', '.join(sorted(unknown))}"
    for entry in suite.expectations:
        if entry.column and not set(entry.column.split(", ")) <= set(suite.frame_columns):
            yield f"{entry.name} is about {entry.column}, which `columns` does not list"
