"""Landing NDJSON, JSON arrays and Parquet: exact text, and what is wrong rejected by the row."""

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.landing.jsonfile import read_json_array, read_ndjson
from identity.landing.model import Refusal
from identity.landing.parquetfile import as_text, read_parquet
from identity.landing.store import landed_writer
from identity.settings_groups import LimitSettings


def blocks(data: bytes, size: int):
    return (data[at : at + size] for at in range(0, len(data), size))


def ndjson(data: bytes, *, block: int = 1 << 20, limits=None):
    chunks: list[pa.Table] = []
    reading, columns = read_ndjson(blocks(data, block), limits or LimitSettings(), chunks.append)
    return reading, columns, joined(chunks)


def array(data: bytes, *, block: int = 1 << 20, limits=None):
    chunks: list[pa.Table] = []
    reading, columns = read_json_array(blocks(data, block), limits or LimitSettings(), chunks.append)
    return reading, columns, joined(chunks)


def joined(chunks: list[pa.Table]) -> list[dict]:
    rows = pa.concat_tables(chunks, promote_options="default").to_pylist() if chunks else []
    return [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)
objects = st.lists(st.dictionaries(st.text("klmn", min_size=1, max_size=2), values, max_size=4), max_size=8)


def as_expected(value) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@settings(deadline=None, max_examples=80)
@given(objects, st.sampled_from([5, 64, 1 << 20]), st.booleans())
def test_objects_come_back_exactly_from_both_json_layouts(rows, block, escape):
    expected = [
        {k: as_expected(v) for k, v in row.items()} for row in rows if any(as_expected(v) for v in row.values())
    ]
    lines = b"".join(json.dumps(row, ensure_ascii=escape).encode() + b"\n" for row in rows)
    reading, _, landed = ndjson(lines, block=block)
    assert [{k: v for k, v in row.items() if v is not None} for row in landed] == [
        {k: v for k, v in row.items() if v is not None} for row in expected
    ]
    assert reading.lines == len(rows) == reading.landed_lines + reading.rejected_lines
    same, _, from_array = array(json.dumps(rows, indent=1, ensure_ascii=escape).encode(), block=block)
    assert from_array == landed
    assert [r.rule for r in same.rejected] == [r.rule for r in reading.rejected]


def test_numbers_keep_their_source_text_at_every_depth():
    line = b'{"id": 12345678901234567890123, "price": 1.10, "e": 1E+2, "deep": {"x": [0.30, 9007199254740993]}}\n'
    _, columns, rows = ndjson(line)
    assert columns == ("id", "price", "e", "deep")
    assert rows == [
        {"id": "12345678901234567890123", "price": "1.10", "e": "1E+2", "deep": '{"x":[0.30,9007199254740993]}'}
    ]


def test_keys_that_differ_by_case_only_stay_apart():
    _, columns, rows = ndjson(b'{"Mail": "a", "mail": "b", "_row": "c"}\n')
    assert columns == ("Mail", "mail #2", "_row #2")
    assert rows == [{"Mail": "a", "mail #2": "b"}] or rows[0]["Mail"] == "a"


def test_an_array_that_breaks_is_refused_with_the_place():
    with pytest.raises(Refusal, match="breaks near character 17"):
        array(b'[{"id": "1"},    {"id": "2"')


def test_nesting_and_long_fields_reject_the_row(tmp_path):
    limits = LimitSettings(max_nesting=20, max_field_bytes=100)
    data = b'{"a": %s}\n{"a": "%s"}\n{"a": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}\n' % (b"[" * 30 + b"]" * 30, b"x" * 101)
    reading, _, rows = ndjson(data, limits=limits)
    assert [row.rule for row in reading.rejected] == ["nesting", "field_too_long"]
    assert len(rows) == 1


def test_typed_columns_become_exact_text():
    plus5 = timezone(timedelta(hours=5))
    columns = {
        "big": pa.array([2**63 - 1, None], pa.int64()),
        "ids": pa.array([7.0, None], pa.float64()),
        "part": pa.array([0.1, float("nan")], pa.float64()),
        "small": pa.array([0.1, 3.0], pa.float32()),
        "money": pa.array([Decimal("1.10"), Decimal("-0.05")], pa.decimal128(10, 2)),
        "day": pa.array([date(2024, 2, 29), None], pa.date32()),
        "at": pa.array(
            [datetime.fromisoformat(t) for t in ("2024-01-02 03:04:05", "2024-01-02 03:04:05.12")], pa.timestamp("us")
        ),
        "zoned": pa.array([datetime(2024, 1, 2, 3, 4, 5, tzinfo=plus5), None], pa.timestamp("ms", "+05:00")),
        "yes": pa.array([True, False]),
        "word": pa.array(["", "x"]).dictionary_encode(),
        "list": pa.array([[1, 2], None]),
        "what": pa.array([{"a": "é"}, None]),
        "bytes": pa.array([b"abc", b"\xff"]),
        "none": pa.nulls(2),
    }
    text = as_text(pa.record_batch(columns), tuple(columns)).to_pylist()
    assert text[0] == {
        "big": "9223372036854775807", "ids": "7", "part": "0.1", "small": "0.1", "money": "1.10", "day": "2024-02-29",
        "at": "2024-01-02 03:04:05", "zoned": "2024-01-01 22:04:05Z", "yes": "true", "word": None, "list": "[1,2]",
        "what": '{"a":"é"}', "bytes": "abc", "none": None,
    }  # fmt: skip
    assert text[1]["at"] == "2024-01-02 03:04:05.12"
    assert (text[1]["part"], text[1]["small"], text[1]["money"], text[1]["bytes"]) == (None, "3", "-0.05", "/w==")


def test_parquet_rows_have_numbers_and_no_lines(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"id": [1, 2, 3], "mail": ["a", None, "b\0"]}), path)
    chunks: list[pa.Table] = []
    reading, columns = read_parquet(path, LimitSettings(), chunks.append)
    assert columns == ("id", "mail")
    assert (reading.rows, reading.lines, reading.header_lines) == (2, None, None)
    assert [(r.rule, r.row_number, r.line_from, r.line_to) for r in reading.rejected] == [("nul_byte", 3, 0, 0)]
    assert chunks[0].select(["_row", "_line_from", "_line_to"]).to_pylist()[1] == {
        "_row": 2,
        "_line_from": 0,
        "_line_to": 0,
    }


def test_columns_that_appear_late_are_null_before(tmp_path: Path):
    target = tmp_path / "landed.parquet"
    with landed_writer(target, "d" * 64) as writer:
        for start, names in ((0, ["a"]), (100_000, ["a", "b"]), (200_000, ["c"])):
            numbers = list(range(start, start + 100_000))
            places = {name: pa.array(numbers, pa.int64()) for name in ("_row", "_line_from", "_line_to")}
            writer.add(pa.table({**places, **{name: [f"{name}{n}" for n in numbers] for name in names}}))
        assert not target.exists()
        writer.close(())
    assert [path.name for path in tmp_path.iterdir()] == ["landed.parquet"]
    rows = pq.read_table(target)
    assert rows.column_names == ["_sha256", "_row", "_line_from", "_line_to", "_hash", "a", "b", "c"]
    assert rows["_row"].to_pylist() == list(range(300_000))
    assert [rows[name].null_count for name in ("a", "b", "c")] == [100_000, 200_000, 200_000]


def test_a_failure_while_writing_leaves_no_file(tmp_path: Path):
    target = tmp_path / "landed.parquet"

    def fail() -> None:
        with landed_writer(target, "d" * 64) as writer:
            places = {name: pa.array([1] * 100_000, pa.int64()) for name in ("_row", "_line_from", "_line_to")}
            writer.add(pa.table({**places, "a": ["x"] * 100_000}))
            raise Refusal("too_many_rows", "x")

    with pytest.raises(Refusal):
        fail()
    assert list(tmp_path.iterdir()) == []
