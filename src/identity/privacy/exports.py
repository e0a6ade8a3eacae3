"""Safe exports of published tables.

Two modes (PROMISES.md P19): `machine` keeps every value exactly as it is (E.164 phones start with `+`);
`spreadsheet` puts an apostrophe before text that a spreadsheet would run as a formula.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import duckdb

from identity.engine.sql import literal, quote, quote_column
from identity.engine.warehouse import opened
from identity.errors import ConfigurationError, IdentityError
from identity.standard.text import FORMULA_TRIGGERS

Mode = Literal["machine", "spreadsheet"]

_FORMATS = {".parquet": "format parquet, compression zstd", ".csv": "format csv, header true"}


def export_table(
    warehouse: Path, table: str, target: Path, mode: Mode = "machine", *, leave_out: Sequence[str] = ()
) -> int:
    """Write a table of the published warehouse as `.csv` or `.parquet`; returns the rows written.

    Rows of the profiles `leave_out` (people whose data are restricted) and of their records stay out.
    The file appears under its name only when whole. Raises ConfigurationError for an unknown table or ending.
    """
    options = _FORMATS.get(target.suffix)
    if options is None:
        raise ConfigurationError(f"{target.name}: the ending must be .csv or .parquet")
    if not target.parent.is_dir():
        raise ConfigurationError(f"{target.parent}: no such folder; create it first")
    if not warehouse.exists():
        raise ConfigurationError(f"{warehouse}: no warehouse there yet; `identity run` publishes one")
    with opened(warehouse) as connection:
        known = {
            f"{schema}.{name}"
            for schema, name in connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'warehouse'"
            ).fetchall()
        }
        if table not in known:
            near = ", ".join(sorted(name for name in known if name.startswith(table.split(".", maxsplit=1)[0])))
            raise ConfigurationError(f"{table}: no such table; there are {near or ', '.join(sorted(known))}")
        described = connection.execute(f"describe {quote(table)}").fetchall()
        columns = ", ".join(_column(name, kind, mode) for name, kind, *_ in described)
        partial = target.with_name(f".{target.name}.partial")
        left = _left_out({name for name, *_ in described}) if leave_out else "true"
        connection.execute("set variable leave_out = $profiles", {"profiles": list(leave_out)}).fetchall()
        query = f"select {columns} from {quote(table)} as t where {left} order by all"  # noqa: S608 - from the catalogue
        try:
            connection.execute(f"copy ({query}) to {literal(str(partial))} ({options})").fetchall()
        except duckdb.Error as error:
            partial.unlink(missing_ok=True)
            raise IdentityError(
                f"{target}: could not be written ({type(error).__name__}); check the folder's permissions and space"
            ) from None
        rows = connection.execute(
            f"select count(*) from {quote(table)} as t where {left}"  # noqa: S608 - quoted
        ).fetchall()[0][0]
    partial.replace(target)
    return int(rows)


def _left_out(columns: set[str]) -> str:
    """Which rows are not of a restricted person, by the columns that name a profile or a record."""
    listed = "list_contains(getvariable('leave_out'), {0})"
    record = (
        "not exists (select 1 from identity.profile_xref as x "  # noqa: S608 - names of ours
        "where x.source = t.{0} and x.source_pk = t.{1} "
        f"and {listed.format('x.profile_id')})"
    )
    naming = (("source", "source_pk"), ("person_source", "person_pk"), ("source_a", "pk_a"), ("source_b", "pk_b"))
    found = [record.format(*names) for names in naming if set(names) <= columns]
    if "profile_id" in columns:
        found.append(f"not coalesce({listed.format('t.profile_id')}, false)")
    if "_source_pk" in columns:
        found.append(
            "not exists (select 1 from std.row_disposition as f "  # noqa: S608 - names of ours
            "join identity.profile_xref as x using (source, source_pk) "
            f"where f.sha256 = t._sha256 and f.row_number = t._row and {listed.format('x.profile_id')})"
        )
    return " and ".join(found) or "true"


def _column(name: str, kind: str, mode: Mode) -> str:
    column = quote_column(name)
    if mode == "spreadsheet" and kind.startswith("VARCHAR"):
        text = f"array_to_string({column}, '; ')" if kind.endswith("[]") else column
        return (
            f"case when regexp_matches({text}, {literal(FORMULA_TRIGGERS)}) "
            f"then '''' || {text} else {text} end as {column}"
        )
    return column
