"""P19 No text from data becomes code: spreadsheet exports are harmless, machine exports exact."""

import csv
from pathlib import Path

import duckdb
import pytest

from identity.errors import ConfigurationError
from identity.privacy.exports import export_table

HOSTILE = ["=1+1", "+31612345678", "-2", "@SUM(A1)", "\t=1", "|calc", "%0A", "plain", "it's", '"quoted"', "a=b"]


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema gold").fetchall()
        connection.execute('create table gold.t (n bigint, "odd "" name" varchar, many varchar[])').fetchall()
        for number, text in enumerate(HOSTILE):
            connection.execute("insert into gold.t values (?, ?, ?)", [number, text, [text, "x"]]).fetchall()
    return path


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def test_machine_mode_is_exact(warehouse: Path, tmp_path: Path) -> None:
    assert export_table(warehouse, "gold.t", tmp_path / "t.csv") == len(HOSTILE)
    header, *rows = _rows(tmp_path / "t.csv")
    assert header == ["n", 'odd " name', "many"]
    assert [row[1] for row in rows] == HOSTILE


def test_spreadsheet_mode_escapes_every_formula_trigger(warehouse: Path, tmp_path: Path) -> None:
    export_table(warehouse, "gold.t", tmp_path / "t.csv", "spreadsheet")
    _, *rows = _rows(tmp_path / "t.csv")
    escaped = ["'" + text if text[0] in "=+-@\t|%" else text for text in HOSTILE]
    assert [row[1] for row in rows] == escaped
    assert [row[2] for row in rows] == [text + "; x" for text in escaped]


def test_parquet_keeps_types(warehouse: Path, tmp_path: Path) -> None:
    export_table(warehouse, "gold.t", tmp_path / "t.parquet")
    with duckdb.connect() as connection:
        rows = connection.execute("select n, many[1] from read_parquet(?) order by n", [str(tmp_path / "t.parquet")])
        assert rows.fetchall() == list(enumerate(HOSTILE))


@pytest.mark.parametrize(
    ("table", "name", "message"),
    [
        ("gold.none", "t.csv", "gold.none: no such table; there are gold.t"),
        ("gold.t", "t.xlsx", "ending must be .csv or .parquet"),
        ('gold.t" union select 1 --', "t.csv", "no such table"),
    ],
)
def test_wrong_use_is_told(warehouse: Path, tmp_path: Path, table: str, name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        export_table(warehouse, table, tmp_path / name)
    assert list(tmp_path.glob("*.partial")) == []
