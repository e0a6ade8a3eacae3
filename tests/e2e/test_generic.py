"""The generic source end to end: labelled sets by their own configuration, and every format of a delivery."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.support.cli import AS_OF, invoke, people

from identity.sample.evaluate import pair_figures

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("name", "sources", "records"),
    [
        ("splink_fake_1000", {"splink_fake_1000"}, 1000),
        ("senzing_truthset", {"CUSTOMERS", "REFERENCE", "WATCHLIST"}, 159),  # one file mixes three sources
    ],
)
def test_a_labelled_set_runs_by_its_mapping_alone(name: str, sources: set[str], records: int, tmp_path: Path) -> None:
    """Floors are loose on purpose: benchmarks measure, this shows that nothing gets lost on the way."""
    told = invoke("run", "--config", DATA / name / "mapping.toml", "--warehouse", tmp_path / "out.duckdb")
    assert told.exit_code == 0, told.stderr
    assert {path.name for path in (DATA / name).iterdir()} == {"mapping.toml", "records.parquet", "truth.parquet"}
    with duckdb.connect(str(tmp_path / "out.duckdb"), read_only=True) as connection:
        xref = connection.execute("select source, source_pk, profile_id from identity.profile_xref").df()
    truth = pd.read_parquet(DATA / name / "truth.parquet")
    assert len(xref) == records
    assert set(xref["source"]) == sources
    assert set(xref["source_pk"]) == set(truth["record_id"])
    known = xref[["source", "source_pk"]].merge(truth, left_on="source_pk", right_on="record_id")
    known = known.rename(columns={"entity_id": "person_id"})
    figures = pair_figures(known[["source", "source_pk", "person_id"]], xref)
    assert figures.precision >= 0.6
    assert figures.recall >= 0.5


CONFIG = """
region = "US"
threads = 1
memory_limit = "1GB"

[[sources]]
name = "people"
files = "in/people*"
record_id = "id"
[sources.fields]
given_name = "first"
family_name = "last"
email = "mail"
phone = "phone"

[[sources]]
name = "till"
kind = "order"
files = "in/orders*"
record_id = "no"
person_source = "people"
person_id = "who"
currency = "EUR"
[sources.fields]
order_at = "at"
gross = "total"

[[sources]]
name = "till_line"
kind = "order_item"
files = "in/lines*"
record_id = "line"
person_source = "till"
[sources.fields]
order_id = "no"
product = "what"
quantity = "n"
unit_price = "each"

[[sources]]
name = "visits"
kind = "touchpoint"
files = "in/visits*"
record_id = "v"
[sources.fields]
occurred_at = "at"
channel = "via"
touch_type = "what"
email = "mail"

[[sources]]
name = "desk"
kind = "ticket"
files = "in/desk*"
record_id = "t"
person_source = "people"
person_id = "who"
[sources.fields]
created_at = "at"
status = "state"
satisfaction = "rating"

[[sources]]
name = "nps"
kind = "survey"
files = "in/nps*"
record_id = "a"
[sources.fields]
score = "s"
answered_at = "at"
email = "mail"
"""

PEOPLE = people(8)
ANN = PEOPLE[0]
ROWS: dict[str, list[dict[str, str]]] = {
    "people": [dict(zip(("id", "first", "last", "mail", "phone"), map(str, row), strict=True)) for row in PEOPLE],
    "orders": [
        {"no": "1", "who": str(ANN[0]), "at": "2026-03-05", "total": "119.50"},
        {"no": "2", "who": str(ANN[0]), "at": "2026-04-05", "total": "0.75"},
        {"no": "3", "who": "", "at": "2026-05-05", "total": "10.00"},
    ],
    "lines": [{"line": "a", "no": "1", "what": "Chair", "n": "2", "each": "59.75"}],
    "visits": [{"v": "9", "at": "2026-03-01T10:00:00Z", "via": "web", "what": "page_view", "mail": str(ANN[3])}],
    "desk": [{"t": "4", "who": str(ANN[0]), "at": "2026-03-02", "state": "open", "rating": "good"}],
    "nps": [{"a": "5", "s": "9", "at": "2026-03-03", "mail": str(ANN[3]).upper()}],
}


def _csv(rows: list[dict[str, str]]) -> bytes:
    return pd.DataFrame(rows).to_csv(index=False).encode()


def _ndjson(rows: list[dict[str, str]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def _json(rows: list[dict[str, str]]) -> bytes:
    return json.dumps(rows, indent=2).encode()


def _parquet(rows: list[dict[str, str]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


def _zip(name: str, write: Callable[[list[dict[str, str]]], bytes]) -> Callable[[list[dict[str, str]]], bytes]:
    def packed(rows: list[dict[str, str]]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, write(rows))
        return stream.getvalue()

    return packed


FORMATS: dict[str, tuple[str, Callable[[list[dict[str, str]]], bytes]]] = {
    "csv": (".csv", _csv),
    "ndjson": (".ndjson", _ndjson),
    "json array": (".json", _json),
    "parquet": (".parquet", _parquet),
    "gzip of csv": (".csv.gz", lambda rows: gzip.compress(_csv(rows))),
    "gzip of ndjson": (".ndjson.gz", lambda rows: gzip.compress(_ndjson(rows))),
    "zip of csv": (".zip", _zip("inner.csv", _csv)),
    "zip of parquet": (".zip", _zip("inner.parquet", _parquet)),
}


def _turned(by: int) -> list[str]:
    """A format for each file, so that two deliveries have every one of them."""
    names = list(FORMATS)
    return [names[(number + by) % len(names)] for number in range(len(ROWS))]


@pytest.mark.parametrize(
    "formats",
    [
        pytest.param(_turned(0), id="mixed"),
        pytest.param(_turned(4), id="mixed otherwise"),
        *(pytest.param([name] * len(ROWS), id=name, marks=pytest.mark.deep) for name in FORMATS),
    ],
)
def test_records_and_events_arrive_whole_from_every_format(formats: list[str], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "run.toml").write_text(CONFIG)
    for name, (stem, rows) in zip(formats, ROWS.items(), strict=True):
        ending, write = FORMATS[name]
        (tmp_path / "in" / f"{stem}{ending}").write_bytes(write(rows))
    told = invoke("run", "--config", tmp_path / "run.toml", "-w", tmp_path / "o.duckdb", "--as-of", AS_OF)
    assert told.exit_code == 0, told.stderr
    with duckdb.connect(str(tmp_path / "o.duckdb"), read_only=True) as connection:

        def ask(text: str) -> list[tuple]:
            return connection.execute(text).fetchall()

        assert ask("select count(*), count(distinct profile_id) from identity.profile_xref") == [(8, 8)]
        of_ann = "(select profile_id from identity.profile_xref where source_pk = 'r0000')"
        assert ask(f"select source, order_id, gross, currency, order_at::date, profile_id = {of_ann} "
                   "from gold.orders order by order_id") == [
            ("till", "1", Decimal("119.5000"), "EUR", date(2026, 3, 5), True),
            ("till", "2", Decimal("0.7500"), "EUR", date(2026, 4, 5), True),
            ("till", "3", Decimal("10.0000"), "EUR", date(2026, 5, 5), None),
        ]  # fmt: skip
        assert ask("select order_id, product, quantity, gross from gold.order_items") == [
            ("1", "Chair", Decimal("2.0000"), Decimal("119.5000"))
        ]
        assert ask(f"select occurred_at, channel from gold.touchpoint where profile_id = {of_ann} "
                   "and touch_type = 'page_view'") == [(datetime(2026, 3, 1, 10), "web")]  # fmt: skip
        assert ask(f"select ticket_id, status from gold.tickets where profile_id = {of_ann}") == [("4", "open")]
        assert ask("select response_id, score, person_email from std.survey_response") == [
            ("5", Decimal("9.0000"), ANN[3])
        ]
        assert ask(f"select orders, revenue, revenue_currency, tickets from gold.customer_360 where profile_id = {of_ann}"
                   ) == [(2, Decimal("120.2500"), "EUR", 1)]  # fmt: skip
        assert ask("select distinct status from raw.file") == [("landed",)]
