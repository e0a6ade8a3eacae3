"""Tables as pictures: a spec test draws the rows it gives and, beside them, the rows it expects.

    source           | source_pk | given_name
    shopify_customer | 1         | Ann

Cells are text, cast to the types of `identity.tables`; an empty cell is null and `''` the empty text.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from identity.engine.sql import quote_column
from identity.runs.run import Run
from identity.runs.workspace import declared
from identity.settings import Settings

DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "std.source_record": {"is_test": "false", "is_staff": "false", "has_identity": "true"},
    "std.name": {"position": "0", "is_person": "true"},
    "std.identifier": {"position": "0", "is_valid": "true", "is_blocked": "false"},
    "std.address": {"position": "0", "kind": "mailing"},
    "std.order": {"is_test": "false"},
    "std.consent_event": {"purpose": "marketing", "is_objection": "false", "contact": "", "evidence": "column"},
    "identity.profile_xref": {"link_method": "single", "linked_since_run": "1"},
}


def new_run(folder: Path, **settings: Any) -> Run:
    """A run in an empty folder, first generation, one thread."""
    values = {"warehouse": folder / "warehouse.duckdb", "threads": 1, "memory_limit": "1GB", **settings}
    return Run(Settings(**values), "picture", 1, datetime.fromisoformat("2026-01-31"), b"a key for tests")


def draw(picture: str) -> list[dict[str, str | None]]:
    """The rows of a picture as text by column name."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in picture.strip().splitlines()]
    wrong = [line for line in lines if len(line) != len(head)]
    assert not wrong, f"rows with another number of cells than the head: {wrong}"
    return [dict(zip(head, (_cell(cell) for cell in line), strict=True)) for line in lines]


def _cell(text: str) -> str | None:
    return "" if text == "''" else text or None


def given(run: Run, **pictures: str) -> None:
    """Write tables of the run from pictures; `std_name=` is `std.name`, `prior_customer_360=` is `prior.customer_360`."""
    for keyword, picture in pictures.items():
        name = keyword.replace("_", ".", 1)
        write(run, name, draw(picture))


def write(run: Run, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one table of the run from rows; columns left out take the defaults above, else null."""
    filled = [{**DEFAULTS.get(name, {}), **row} for row in rows]
    if name == "std.name":
        filled = [
            {"given_key": _folded(row.get("given_name")), "family_key": _folded(row.get("family_name")), **row}
            for row in filled
        ]
    if name == "std.identifier":
        filled = [{"id_match_key": row["id_value_norm"], **row} for row in filled]
    table = declared(name)
    assert table is not None, f"no table {name}"
    columns = [column.name for column in table.columns if any(column.name in row for row in filled)]
    data = pa.table({c: [row.get(c) for row in filled] for c in columns or [table.columns[0].name]})
    with run.open() as db:
        path = run.workspace.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        db.engine.save_arrow(table, data, path)


def _folded(text: str | None) -> str | None:
    return text.lower() if text else None


def seen(run: Run, name: str, columns: Iterable[str]) -> list[tuple[str | None, ...]]:
    """These columns of a table the run wrote, as text, in key order."""
    wanted = ", ".join(f"{quote_column(column)}::varchar" for column in columns)
    with run.open(name) as db:
        return db.rows(f"select {wanted} from {name}")


def expect(run: Run, name: str, picture: str) -> None:
    """The table holds exactly the drawn rows, looked at through the drawn columns."""
    rows = draw(picture)
    columns = [cell.strip() for cell in picture.strip().splitlines()[0].split("|")]
    expected = [tuple(row[column] for column in columns) for row in rows]
    found = seen(run, name, columns)
    missing = [row for row in expected if row not in found]
    surplus = [row for row in found if row not in expected]
    assert (missing, surplus) == ([], []), f"expected but not found: {missing}\nfound but not expected: {surplus}"
    assert sorted(found, key=repr) == sorted(expected, key=repr), "a row stands another number of times"
