"""Every table: its grain, key, columns, types, which columns are personal and which are volatile.

This is the contract between the stages, the warehouse and the data dictionary. A stage may write only
what stands here; `engine.save` casts to these types, keeps this column order and sorts by the key.

A column line reads `name  TYPE [flags]  description`, parts two spaces apart. Flags: `personal` (may hold
a value of a person), `volatile` (run ids, times and keyed hashes: left out when tables are compared, P12), `dated`
(goes with the run's time, as recency does: equal for equal inputs and the same time).
Times are UTC. Money is DECIMAL(18,4) beside its currency.
"""

import re
from dataclasses import dataclass
from functools import cache

import identity.table_specs as specs

SCHEMA_VERSION = 4
"""Version of the published tables; `engine.warehouse` reads every earlier one and refuses later ones."""


@dataclass(frozen=True)
class Column:
    """One column of a table; `type` is a DuckDB type name."""

    name: str
    type: str
    description: str
    personal: bool = False
    volatile: bool = False
    dated: bool = False


@dataclass(frozen=True)
class Table:
    """One table; `name` is `schema.table`, `key` the columns that identify a row and order the file."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    published: bool = True

    @property
    def schema(self) -> str:
        """The part before the dot."""
        return self.name.split(".")[0]

    @property
    def stable_columns(self) -> tuple[str, ...]:
        """Columns that equal inputs must reproduce (P12)."""
        return tuple(column.name for column in self.columns if not column.volatile)


_LINE = re.compile(
    r"(?P<name>\w+) {2,}(?P<type>[A-Z]+(?:\([\d,]+\))?(?:\[\])?)"
    r"(?P<flags>(?: personal| volatile| dated)*) {2,}(?P<text>.+)"
)


def _column(line: str) -> Column:
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise ValueError(f"not a column line: {line!r}")
    flags = match["flags"].split()
    return Column(
        match["name"], match["type"], match["text"], *(flag in flags for flag in ("personal", "volatile", "dated"))
    )


def _table(name: str, grain: str, key: str, columns: str, *, published: bool = True) -> Table:
    parsed = tuple(_column(line) for line in columns.strip().splitlines() if line.strip())
    missing = set(key.split()) - {column.name for column in parsed}
    if missing:
        raise ValueError(f"{name}: key columns not declared: {sorted(missing)}")
    return Table(name, grain, tuple(key.split()), parsed, published)


@cache
def tables() -> dict[str, Table]:
    """All tables by name, in the order in which the pipeline writes them."""
    return {
        spec.name: _table(spec.name, spec.grain, spec.key, spec.columns, published=spec.published)
        for spec in specs.TABLES
    }


def table(name: str) -> Table:
    """The table of this name; KeyError when it is not declared."""
    return tables()[name]


def published() -> tuple[Table, ...]:
    """The tables of a published generation."""
    return tuple(entry for entry in tables().values() if entry.published)
