"""P1, P2, P3 and P20: some 200 malformed files in one delivery, each accounted for to the last line."""

import gzip
import random
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pyarrow.parquet as pq
import pytest
from tests.support.malformed import by_hand, corrupted, customers, zipped
from tests.support.tables import make_run

from identity.runs.run import Run
from identity.settings_groups import SourceSettings
from identity.stages import land

PEOPLE = SourceSettings(name="people", files="people/*", record_id="id", fields={"email": "mail"})
Row = dict


class Landed:
    """A delivery landed once: the inbox, what `raw.file` and `raw.rejected` say, and the landed rows."""

    def __init__(self, files: dict[str, bytes], folder: Path) -> None:
        self.files = files
        self.inbox = folder / "inbox"
        for name, data in files.items():
            place = self.inbox / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        self.run: Run = make_run(folder, inbox=self.inbox, sources=(PEOPLE,))
        self.metrics = land.land(self.run)
        with self.run.open("raw.file", "raw.rejected") as db:
            self.rows: list[Row] = db.query("select * from raw.file order by path, member").to_pylist()
            rejected: list[Row] = db.query("select * from raw.rejected order by all").to_pylist()
        self.rejected: dict[tuple[str, str, str], list[Row]] = {}
        for row in rejected:
            self.rejected.setdefault((row["sha256"], row["path"], row["member"]), []).append(row)

    def bad(self, row: Row) -> list[Row]:
        return self.rejected.get((row["sha256"], row["path"], row["member"]), [])

    def good(self, row: Row) -> list[Row]:
        columns = ["_sha256", "_row", "_line_from", "_line_to", "_hash"]
        return pq.read_table(self.run.landed_file(row["source"], row["sha256"]), columns=columns).to_pylist()

    def content(self, row: Row) -> bytes:
        place = self.inbox / row["path"]
        if not row["member"]:
            return place.read_bytes()
        if place.suffix == ".gz":
            return gzip.decompress(place.read_bytes())
        with zipfile.ZipFile(place) as archive:
            return archive.read(row["member"])


@cache
def delivery(count: int, seed: int = 0) -> Landed:
    files = {name: data for name, (data, _) in by_hand().items()}
    files |= corrupted(count - len(files), seed)
    return Landed(files, Path(mkdtemp(prefix="identity-faults-")))


@pytest.fixture(scope="module")
def landed() -> Landed:
    return delivery(200)


def lines_of(data: bytes, encoding: str) -> int:
    """Physical lines counted on the bytes, apart from everything that landing does."""
    if encoding.startswith("utf-16"):
        data = data[: len(data) // 2 * 2].decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))


def assert_p1(landed: Landed) -> None:
    by_path = {row["path"] for row in landed.rows}
    assert by_path == set(landed.files)
    keys = Counter((row["sha256"], row["path"], row["member"]) for row in landed.rows)
    assert set(keys.values()) == {1}
    for row in landed.rows:
        assert row["status"] in {"landed", "refused", "seen"}
        assert (row["status"] == "refused") == (row["rule"] is not None) == (row["source"] is None)
        assert row["status"] != "refused" or len(row["reason"]) > 20


def assert_p2(landed: Landed) -> None:
    for row in (row for row in landed.rows if row["status"] == "landed" and row["lines"] is not None):
        assert row["lines"] == lines_of(landed.content(row), row["encoding"]), row["path"]
        spans = [(r["_line_from"], r["_line_to"]) for r in landed.good(row)]
        spans += [(r["line_from"], r["line_to"]) for r in landed.bad(row)]
        covered = [line for first, last in spans for line in range(first, last + 1)]
        assert len(covered) == len(set(covered)), f"{row['path']}: a line counted twice"
        assert row["header_lines"] + len(covered) == row["lines"], row["path"]
        assert set(covered) <= set(range(1, row["lines"] + 1))
        assert row["rejected_lines"] == sum(r["line_to"] - r["line_from"] + 1 for r in landed.bad(row))


def assert_p3(landed: Landed) -> None:
    for row in (row for row in landed.rows if row["status"] == "landed"):
        good, bad = landed.good(row), landed.bad(row)
        assert (len(good), len(bad)) == (row["rows"], row["rejected_rows"])
        numbers = sorted([r["_row"] for r in good] + [r["row_number"] for r in bad if r["row_number"]])
        assert numbers == list(range(1, len(numbers) + 1)), row["path"]
        assert {r["_sha256"] for r in good} <= {row["sha256"]}
        for rejected in bad:
            assert rejected["rule"]
            assert rejected["detail"]
            assert rejected["first_run"] == landed.run.number
            assert rejected["raw_text"] or rejected["rule"] == "blank_line"


def test_p1_every_file_of_a_malformed_delivery_is_accounted_for(landed):
    assert len(landed.files) == 200
    assert_p1(landed)


def test_p2_every_line_of_a_malformed_delivery_is_accounted_for(landed):
    assert_p2(landed)


def test_p3_every_row_of_a_malformed_delivery_is_landed_or_rejected_with_its_text(landed):
    assert_p3(landed)


def test_p20_hostile_files_are_refused_by_the_right_rule_and_the_others_land(landed):
    expected = {name: rule for name, (_, rule) in by_hand().items()}
    found = {row["path"]: row["rule"] for row in landed.rows if row["path"] in expected}
    assert found == expected
    landed_by_hand = [row for row in landed.rows if row["path"] in expected and row["status"] == "landed"]
    assert len(landed_by_hand) == sum(rule is None for rule in expected.values())


def test_p20_nothing_is_written_outside_the_state_folder(landed):
    folder = landed.inbox.parent
    assert {path.name for path in folder.iterdir()} == {"inbox", "state"}
    assert {path.relative_to(landed.inbox).as_posix() for path in landed.inbox.rglob("*") if path.is_file()} == set(
        landed.files
    )
    left = [path for path in folder.rglob("*.partial") if path.is_file()]
    assert left == []
    assert not (folder / "escaped.csv").exists()
    assert not Path("/tmp/escaped.csv").exists()


REJECTED = {
    "unclosed.csv": {"unclosed_quote": 1},
    "unclosed_last.csv": {"unclosed_quote": 1},
    "endless_quote.csv": {"unclosed_quote": 1, "field_count": 999},
    "every_line_opens_a_quote.csv": {"unclosed_quote": 300},
    "cut_in_row.csv": {"field_count": 1},
    "cut_in_quotes.csv": {"unclosed_quote": 1},
    "zero_byte.csv": {"nul_byte": 1},
    "some_bad_bytes.csv": {"invalid_bytes": 1},
    "titles.csv": {"preamble": 2, "blank_line": 1},
    "footer.csv": {"blank_line": 1, "footer": 2},
    "long_field.csv": {"field_too_long": 1},
    "users_broken_line.json": {"invalid_json": 1, "blank_line": 1, "not_an_object": 1},
    "users_deep.json": {"nesting": 1},
    "users_bottomless.json": {"nesting": 1},
    "users_surrogate.json": {"invalid_text": 1, "nul_byte": 1},
    "people/array.json": {"not_an_object": 1},
}


@pytest.mark.parametrize("name", REJECTED)
def test_only_the_broken_rows_of_a_file_are_lost(landed, name):
    row = next(row for row in landed.rows if row["path"] == name)
    assert Counter(bad["rule"] for bad in landed.bad(row)) == REJECTED[name]


ENCODINGS = {
    "mark.csv": "utf-8", "latin.csv": "cp1252", "windows.csv": "cp1252", "utf16.csv": "utf-16-le",
    "utf16be.csv": "utf-16-be", "utf16_without_mark.csv": "utf-16-le", "some_bad_bytes.csv": "utf-8",
}  # fmt: skip


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_encoding_is_found_and_recorded(landed, name):
    row = next(row for row in landed.rows if row["path"] == name)
    assert row["encoding"] == ENCODINGS[name]
    names = pq.read_table(landed.run.landed_file(row["source"], row["sha256"]), columns=["Last Name"])
    assert set(names["Last Name"].to_pylist()) == {"Müller"}


def test_p20_limits_are_those_of_the_settings(tmp_path):
    files = {"a.csv": customers(50), "b.zip": zipped({"b.csv": customers(40)}), "c.csv": customers(2)}
    for name, data in files.items():
        (tmp_path / "inbox").mkdir(exist_ok=True)
        (tmp_path / "inbox" / name).write_bytes(data)
    run = make_run(tmp_path, inbox=tmp_path / "inbox", limits={"max_rows": 45, "max_file_bytes": 5000})
    land.land(run)
    with run.open("raw.file") as db:
        found = {row["path"]: row["rule"] for row in db.query("select * from raw.file").to_pylist()}
    expected = {"a.csv": "too_large" if len(files["a.csv"]) > 5000 else "too_many_rows", "b.zip": None, "c.csv": None}
    assert found == expected


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(1, 11))
def test_any_corruption_is_refused_or_accounted_for_line_by_line(seed):
    landed = delivery(400 + random.Random(seed).randrange(8), seed)
    assert_p1(landed)
    assert_p2(landed)
    assert_p3(landed)
