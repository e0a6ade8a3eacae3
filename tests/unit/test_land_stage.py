"""The land stage over deliveries: what is new, seen, refused, carried on; the same again; across runs."""

import gzip
import json
import shutil
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.support.tables import make_run

from identity.errors import ConfigurationError, IdentityError, InputRefused
from identity.runs.run import Run
from identity.settings_groups import SourceSettings
from identity.stages import land

CUSTOMERS = (
    b"Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Accepts SMS Marketing,"
    b"Total Spent,Total Orders,Note,Tax Exempt,Tags\n"
    b"'1,Ann,Lee,ann@example.com,yes,'+14155550101,no,1.00,1,,no,\n"
    b"'2,Bob,Ray,bob@example.com,no,,no,0.00,0,,no,\n"
)
PEOPLE = SourceSettings(name="people", files="people/*", record_id="id", fields={"email": "mail"})


def next_run(tmp_path: Path, number: int, before: Run | None = None, **settings) -> Run:
    """Run `number` over the same state folder; what `before` published is its prior."""
    run = make_run(tmp_path, number, **settings)
    if before is not None:
        for name in ("file", "rejected"):
            (run.folder / f"prior.{name}").mkdir(parents=True)
            for path in before.workspace.files(f"raw.{name}"):
                shutil.copy(path, run.folder / f"prior.{name}" / path.name)
    return run


def table(run: Run, name: str) -> list[dict]:
    with run.open(name) as db:
        return db.query(f"select * from {name} order by all").to_pylist()


def statuses(run: Run) -> dict[str, tuple]:
    rows = table(run, "raw.file")
    return {"/".join(p for p in (r["path"], r["member"]) if p): (r["status"], r["source"], r["rule"]) for r in rows}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "people").mkdir(parents=True)
    (folder / "customers_export.csv").write_bytes(CUSTOMERS)
    return folder


def test_every_file_of_a_delivery_has_a_status(tmp_path, inbox):
    (inbox / "copy.csv").write_bytes(CUSTOMERS)
    (inbox / "notes.csv").write_bytes(b"what,ever\n1,2\n")
    (inbox / ".hidden.csv").write_bytes(CUSTOMERS)
    (inbox / "later.csv.partial").write_bytes(CUSTOMERS[:50])
    (inbox / "empty.csv").touch()
    (inbox / "outside.csv").symlink_to(tmp_path / "elsewhere.csv")
    (inbox / "people" / "a.json").write_bytes(b'[{"id": 12345678901234567890, "mail": "x@example.com"}]')
    with zipfile.ZipFile(inbox / "pack.zip", "w") as archive:
        archive.writestr("c.csv", CUSTOMERS + b"'3,Cy,Poe,cy@example.com,no,,no,0.00,0,,no,\n")
        archive.writestr("../up.csv", CUSTOMERS)
    with gzip.open(inbox / "people" / "b.csv.gz", "wb") as stream:
        stream.write(b"id,mail\n7,y@example.com\n")
    run = next_run(tmp_path, 1, inbox=inbox, sources=(PEOPLE,))
    metrics = land.land(run)
    assert statuses(run) == {
        ".hidden.csv": ("refused", None, "hidden"),
        "copy.csv": ("landed", "shopify_customer", None),
        "customers_export.csv": ("seen", "shopify_customer", None),
        "empty.csv": ("refused", None, "empty"),
        "later.csv.partial": ("refused", None, "in_progress"),
        "notes.csv": ("refused", None, "unrecognised"),
        "outside.csv": ("refused", None, "symlink"),
        "pack.zip/../up.csv": ("refused", None, "unsafe_path"),
        "pack.zip/c.csv": ("landed", "shopify_customer", None),
        "people/a.json": ("landed", "people", None),
        "people/b.csv.gz/b.csv": ("landed", "people", None),
    }
    assert metrics["files_refused"] == 6
    assert metrics["files_seen:shopify_customer"] == 1
    assert metrics["rows_landed:shopify_customer"] == 5
    landed = next(row for row in table(run, "raw.file") if row["path"] == "people/a.json")
    rows = pq.read_table(run.landed_file("people", landed["sha256"])).to_pylist()
    assert rows[0]["id"] == "12345678901234567890"
    assert {name for name in rows[0] if name.startswith("_")} == {"_sha256", "_row", "_line_from", "_line_to", "_hash"}


def test_columns_are_counted_with_what_they_feed(tmp_path, inbox):
    run = next_run(tmp_path, 1, inbox=inbox)
    land.land(run)
    columns = {row["column_name"]: row for row in table(run, "raw.column")}
    assert columns["Phone"] | {} == {
        "source": "shopify_customer", "column_name": "Phone", "mapped_to": columns["Phone"]["mapped_to"],
        "files": 1, "filled": 1, "rows": 2,
    }  # fmt: skip
    assert "phones" in columns["Phone"]["mapped_to"]


def test_landing_again_in_the_same_run_gives_the_same_bytes(tmp_path, inbox):
    run = next_run(tmp_path, 1, inbox=inbox)
    land.land(run)
    before = {path: path.read_bytes() for name in land.WRITES for path in run.workspace.files(name)}
    decided = (run.folder / "delivery.json").read_bytes()
    assert before
    land.land(run)
    assert {path: path.read_bytes() for name in land.WRITES for path in run.workspace.files(name)} == before
    assert (run.folder / "delivery.json").read_bytes() == decided


def test_a_second_run_over_the_same_inbox_changes_nothing_and_counts_the_files_as_seen(tmp_path, inbox):
    (inbox / "bad.csv").write_bytes(b"nothing,known\n1,2\n")
    (inbox / "more.csv").write_bytes(CUSTOMERS + b"cut off")
    first = next_run(tmp_path, 1, inbox=inbox)
    land.land(first)
    second = next_run(tmp_path, 2, first, inbox=inbox)
    metrics = land.land(second)
    for name in land.WRITES:
        assert table(second, name) == table(first, name)
        assert [p.read_bytes() for p in second.workspace.files(name)] == [
            p.read_bytes() for p in first.workspace.files(name)
        ]
    assert metrics["files_seen:shopify_customer"] == 2
    assert metrics["files_landed:shopify_customer"] == 0
    assert {row["rule"] for row in table(second, "raw.rejected")} == {"truncated_row"}


def test_rows_that_a_later_stage_rejected_are_not_carried_by_land(tmp_path, inbox):
    (inbox / "more.csv").write_bytes(CUSTOMERS + b"cut off")
    first = next_run(tmp_path, 1, inbox=inbox)
    land.land(first)
    rejected = table(first, "raw.rejected")
    with first.open() as db:
        late = [row | {"rule": "no_key", "row_number": 9} for row in rejected]
        db.save_arrow("raw.rejected", pa.Table.from_pylist(late), part="standardise")
    second = next_run(tmp_path, 2, first, inbox=inbox)
    land.land(second)
    assert table(second, "raw.rejected") == rejected


def test_what_a_killed_run_left_half_written_is_removed(tmp_path, inbox):
    run = next_run(tmp_path, 1, inbox=inbox)
    half = run.landed_file("shopify_customer", "d" * 64).with_suffix(".parquet.0.partial")
    half.parent.mkdir(parents=True)
    half.write_bytes(b"PAR1")
    land.land(run)
    assert not half.exists()


def test_files_of_earlier_deliveries_stay_though_the_inbox_was_emptied(tmp_path, inbox):
    first = next_run(tmp_path, 1, inbox=inbox)
    land.land(first)
    (inbox / "customers_export.csv").unlink()
    second = next_run(tmp_path, 2, first, inbox=inbox)
    assert land.recognise(second) == ["shopify_customer"]
    land.land(second)
    assert table(second, "raw.file") == [row | {"is_present": False} for row in table(first, "raw.file")]


def test_lost_landed_rows_are_read_again_from_the_inbox_or_asked_for(tmp_path, inbox):
    first = next_run(tmp_path, 1, inbox=inbox)
    land.land(first)
    shutil.rmtree(tmp_path / "state" / "landed")
    (inbox / "customers_export.csv").rename(inbox / "moved.csv")
    second = next_run(tmp_path, 2, first, inbox=inbox)
    land.land(second)
    rows = table(second, "raw.file")
    assert [(row["path"], row["status"], row["first_run"]) for row in rows] == [
        ("customers_export.csv", "landed", 1),
        ("moved.csv", "seen", 2),
    ]
    assert second.landed_file("shopify_customer", rows[0]["sha256"]).exists()
    shutil.rmtree(tmp_path / "state" / "landed")
    (inbox / "moved.csv").unlink()
    third = next_run(tmp_path, 3, second, inbox=inbox)
    with pytest.raises(IdentityError, match=r"customers_export\.csv of shopify_customer"):
        land.recognise(third)


def test_a_refused_file_is_landed_once_the_configuration_knows_it(tmp_path, inbox):
    (inbox / "people" / "p.csv").write_bytes(b"id,mail\n1,a@example.com\n")
    first = next_run(tmp_path, 1, inbox=inbox)
    land.land(first)
    assert statuses(first)["people/p.csv"] == ("refused", None, "unrecognised")
    second = next_run(tmp_path, 2, first, inbox=inbox, sources=(PEOPLE,))
    land.land(second)
    assert statuses(second)["people/p.csv"] == ("landed", "people", None)
    assert next(row for row in table(second, "raw.file") if row["path"] == "people/p.csv")["first_run"] == 1


def test_a_source_gone_from_the_configuration_is_named(tmp_path, inbox):
    (inbox / "people" / "p.csv").write_bytes(b"id,mail\n1,a@example.com\n")
    first = next_run(tmp_path, 1, inbox=inbox, sources=(PEOPLE,))
    land.land(first)
    (inbox / "people" / "p.csv").unlink()
    with pytest.raises(ConfigurationError, match="landed for people"):
        land.recognise(next_run(tmp_path, 2, first, inbox=inbox))


def test_nothing_usable_is_refused_with_every_file_and_reason(tmp_path, inbox):
    (inbox / "customers_export.csv").write_bytes(b"")
    (inbox / "b.xlsx").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(InputRefused) as caught:
        land.recognise(next_run(tmp_path, 1, inbox=inbox))
    assert caught.value.exit_code == 5
    assert "customers_export.csv: empty" in str(caught.value)
    assert "b.xlsx: spreadsheet" in str(caught.value)


def test_nothing_that_could_be_landed_is_refused_when_the_stage_closes(tmp_path, inbox):
    (inbox / "customers_export.csv").write_bytes(CUSTOMERS.split(b"\n")[0] + b"\n" + b"x\n" * 30_000)
    with pytest.raises(InputRefused, match="mostly_unreadable"):
        land.land(next_run(tmp_path, 1, inbox=inbox))


def test_no_inbox_and_no_patterns_is_wrong_use(tmp_path):
    with pytest.raises(ConfigurationError, match="nothing to read"):
        land.recognise(next_run(tmp_path, 1))
    with pytest.raises(ConfigurationError, match="no such folder"):
        land.recognise(next_run(tmp_path, 1, inbox=tmp_path / "missing"))


def test_a_configured_pattern_binds_files_beside_the_configuration(tmp_path):
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "p.csv").write_bytes(b"id;mail\n1;a@example.com\n")
    run = next_run(tmp_path, 1, base_dir=tmp_path, sources=(PEOPLE,))
    land.land(run)
    assert statuses(run) == {"people/p.csv": ("landed", "people", None)}
    assert table(run, "raw.file")[0]["delimiter"] == ";"


def test_each_source_can_be_landed_by_a_process_of_its_own_from_one_decision(tmp_path, inbox):
    (inbox / "people" / "p.csv").write_bytes(b"id,mail\n1,a@example.com\n")
    whole = next_run(tmp_path, 1, inbox=inbox, sources=(PEOPLE,))
    land.land(whole)
    expected = {name: table(whole, name) for name in land.WRITES}
    shutil.rmtree(whole.folder)
    apart = next_run(tmp_path, 1, inbox=inbox, sources=(PEOPLE,))
    for source in reversed(land.recognise(apart)):
        land.extract(apart, source)
        land.extract(apart, source)
    assert {name: table(apart, name) for name in land.WRITES} == expected
    assert json.loads((apart.folder / "delivery.json").read_text())
