"""Runs in a temporary folder whose tables are written from tuples, and tables read back as tuples."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from identity.runs.run import Run
from identity.settings import Settings
from identity.tables import table

AS_OF = datetime(2026, 6, 1, 3, 0, 0)


def make_run(folder: Path, number: int = 1, **settings: Any) -> Run:
    """A run whose state folder is `folder`."""
    chosen = Settings(warehouse=folder / "w.duckdb", state_dir=folder / "state", threads=1, **settings)
    run = Run(chosen, f"g{number:06d}-test", number, AS_OF, b"secret of the test")
    run.folder.mkdir(parents=True, exist_ok=True)
    return run


def fill(run: Run, name: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write a declared table (or `prior.<table>`) from tuples; columns not named are null."""
    import pyarrow as pa

    from identity.engine.duck import DuckEngine
    from identity.runs.workspace import declared

    names = columns.split()
    declaration = declared(name) or table(name)
    data = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    if not data.num_rows:
        data = pa.table({name: pa.array([], pa.null()) for name in names})
    with DuckEngine(threads=1, memory_limit="1GB", temp=run.folder / "spill") as engine:
        engine.save_arrow(declaration, data, run.workspace.path(name))


def read(run: Run, name: str, columns: str) -> list[tuple[Any, ...]]:
    """Columns of a table of the run, in key order."""
    order = ", ".join(table(name).key)
    with run.open(name) as db:
        return db.rows(f"select {', '.join(columns.split())} from {name} order by {order}")
