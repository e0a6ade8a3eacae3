"""Write docs/tables.md, the data dictionary, and its picture from `identity.tables`.

With `--check`, fail when one of them is out of date.
"""

import sys
from pathlib import Path

import er_picture

from identity.pipeline import STAGES
from identity.tables import Table, tables

TARGET = Path(__file__).resolve().parents[1] / "docs" / "tables.md"
PICTURE = TARGET.parent / "pictures" / "tables.svg"

SCHEMAS = {
    "raw": "what was delivered, and what became of it",
    "std": "records, identifiers and events in one form",
    "match": "what was compared and what came of it",
    "identity": "profile ids and their history",
    "steward": "what people decided, what waits for them, and the sample they review",
    "gold": "golden profiles and what belongs to them",
    "mart": "figures for analysts, one SQL file of `sql/marts/` each",
    "privacy": "requests of people about their data, and what was done",
    "ops": "runs, figures, checks",
}


def dictionary() -> str:
    """The data dictionary as Markdown."""
    lines = [
        "# Tables",
        "",
        "Generated from `src/identity/table_specs.py` by `tools/make_docs.py`. Times are UTC. Money is",
        "DECIMAL(18,4) beside its currency. *Personal* columns may hold a value of a person; *volatile* ones (run ids,",
        "times of runs, keyed hashes) are left out when two generations are compared; *dated* ones go with the run's",
        "time, as recency does. Beside these tables the warehouse holds `raw.<source>`: every delivered row as text,",
        "with file, line and disposition.",
        "",
    ]
    for schema, meaning in SCHEMAS.items():
        lines += [f"- [`{schema}`](#{schema}): {meaning}"]
    lines += ["", "![How the tables of identity, gold and mart join](pictures/tables.svg)"]
    for schema, meaning in SCHEMAS.items():
        lines += ["", f"## {schema}", "", f"{meaning[0].upper()}{meaning[1:]}.", ""]
        for table in (table for table in tables().values() if table.schema == schema and table.published):
            lines += _table(table)
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    writers = [stage.name for stage in STAGES if table.name in stage.writes]
    readers = [stage.name for stage in STAGES if table.name in stage.reads and stage.name != "publish"]
    lineage = f"Written by {', '.join(writers) or 'publish'}"
    lineage += f"; read by {', '.join(readers)}." if readers else "."
    rows = [
        f"| `{column.name}` | {column.type} | {'personal' if column.personal else ''}"
        f"{'volatile' if column.volatile else ''}{'dated' if column.dated else ''} | {column.description} |"
        for column in table.columns
    ]
    return [
        f"### {table.name}",
        "",
        f"One row per {table.grain}. Key: {', '.join(f'`{name}`' for name in table.key)}. {lineage}",
        "",
        "| column | type | | meaning |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


if __name__ == "__main__":
    pages = {TARGET: dictionary(), PICTURE: er_picture.picture()}
    if "--check" in sys.argv:
        old = [path.name for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
        sys.exit(f"{', '.join(old)}: out of date" if old else 0)
    for path, text in pages.items():
        path.write_text(text, encoding="utf-8")
