"""The generated pages are those of the tree, and the queries of the analyst's page run."""

import sys
from pathlib import Path

import duckdb

from identity.tables import published

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import er_picture  # noqa: E402
import make_docs  # noqa: E402 - the folder is put on the path above
import worked_questions  # noqa: E402


def test_the_data_dictionary_is_generated_from_the_tables() -> None:
    assert make_docs.TARGET.read_text(encoding="utf-8") == make_docs.dictionary(), "run tools/make_docs.py"


def test_the_picture_of_the_tables_is_drawn_from_them() -> None:
    assert make_docs.PICTURE.read_text(encoding="utf-8") == er_picture.picture(), "run tools/make_docs.py"


def test_the_queries_of_the_analysts_page_run_on_empty_tables() -> None:
    queries = worked_questions.queries(worked_questions.PAGE.read_text(encoding="utf-8"))
    assert len(queries) >= 6
    with duckdb.connect() as connection:
        for table in published():
            columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            connection.execute(f"create schema if not exists {table.schema}").fetchall()
            schema, name = table.name.split(".")
            connection.execute(f'create table "{schema}"."{name}" ({columns})').fetchall()
        for query in queries:
            connection.execute(query).fetchall()


def test_links_between_pages_lead_somewhere() -> None:
    import re

    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} → {target}")
    assert broken == []
