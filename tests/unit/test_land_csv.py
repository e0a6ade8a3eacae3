"""Landing CSV: exact values, and every physical line accounted for, on both ways of cutting rows."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.landing.csvfile import read_csv
from identity.landing.headers import column_names, unnamed_at_end
from identity.landing.model import Dialect, Reading, Refusal
from identity.landing.rowhash import row_hashes
from identity.settings_groups import LimitSettings

Values = list[tuple[str | None, ...]]


def read(
    data: bytes,
    columns: int,
    *,
    delimiter: str = ",",
    fast: bool = True,
    block: int = 1 << 20,
    limits=None,
    above: int = 0,
) -> tuple[Reading, pa.Table]:
    chunks: list[pa.Table] = []
    text = (data[at : at + block] for at in range(0, len(data), block))
    dialect = Dialect(delimiter, above, tuple(f"c{n}" for n in range(columns)))
    reading = read_csv(text, dialect, limits or LimitSettings(), chunks.append, damaged=True, fast=fast)
    return reading, pa.concat_tables(chunks) if chunks else pa.table({})


def values(rows: pa.Table) -> Values:
    delivered = [name for name in rows.column_names if not name.startswith("_")]
    return [tuple(row[name] for name in delivered) for row in rows.to_pylist()]


def lines_of(data: bytes) -> int:
    """Physical lines, counted apart from the reader."""
    ended = len(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    return ended - 1 if not data or data[-1:] in b"\r\n" else ended


def account(reading: Reading) -> int:
    spans = sum(row.line_to - row.line_from + 1 for row in reading.rejected)
    return (reading.header_lines or 0) + reading.landed_lines + spans


def assert_accounted(data: bytes, reading: Reading, rows: pa.Table) -> None:
    assert account(reading) == reading.lines == lines_of(data)
    spans = [(row["_line_from"], row["_line_to"]) for row in rows.to_pylist()]
    spans += [(row.line_from, row.line_to) for row in reading.rejected]
    covered = sorted(line for first, last in spans for line in range(first, last + 1))
    header = set(range(1, lines_of(data) + 1)) - set(covered)
    assert len(covered) == len(set(covered)), "a line is accounted for twice"
    assert len(header) == reading.header_lines


def written(rows: list[list[str]], delimiter: str, end: str, *, quote_all: bool) -> bytes:
    """What csv.writer writes, with every kind of line end quoted (before 3.13 it quotes only its own)."""
    stream = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    for row in rows:
        line = io.StringIO(newline="")
        csv.writer(line, delimiter=delimiter, lineterminator="\r\n", quoting=quoting).writerow(row)
        stream.write(line.getvalue().removesuffix("\r\n") + end)
    return stream.getvalue().encode()


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.sampled_from(
    ["", "", "a", 'say "hi"', "x,y", "two\nlines", "a\r\nb", "\r", "'1", "12;3", " pad ", '"', '""', ",,,\n,,,\n"]
)
tables = st.integers(1, 7).flatmap(
    lambda n: st.lists(st.lists(cell, min_size=n, max_size=n), max_size=12).map(lambda rows: (n, rows))
)


@settings(deadline=None, max_examples=150)
@given(
    tables,
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([7, 64, 1 << 20]),
)
def test_what_a_csv_writer_wrote_comes_back_exactly_and_every_line_is_accounted_for(
    table, delimiter, end, quote_all, fast, block
):
    columns, rows = table
    data = written([[f"c{n}" for n in range(columns)], *rows], delimiter, end, quote_all=quote_all)
    reading, landed = read(data, columns, delimiter=delimiter, fast=fast, block=block)
    assert_accounted(data, reading, landed)
    hidden = {row.rule for row in reading.rejected} - {"blank_row", "blank_line"}
    filled = [tuple(value or None for value in row) for row in rows if any(row)]
    if not hidden:  # a cell that holds whole rows of the file is rejected with its row, and only then
        assert values(landed) == filled
    else:
        assert hidden == {"swallowed_rows"}
        assert columns >= 5


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(["a", "b", ",", ",", '"', '"', '""', "\n", "\n", "\r\n", "\r", "é", "\0", " "]), max_size=60
    ),
    st.integers(1, 4),
    st.sampled_from([3, 17, 1 << 20]),
)
def test_both_ways_of_cutting_rows_agree_on_any_text(pieces, columns, block):
    data = b"h\n" + "".join(pieces).encode()
    outcomes = []
    for fast in (True, False):
        reading, rows = read(data, columns, fast=fast, block=block)
        assert_accounted(data, reading, rows)
        outcomes.append((reading, rows.to_pylist()))
    assert outcomes[0] == outcomes[1]


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=80), st.integers(1, 3))
def test_any_bytes_are_accounted_for_line_by_line(noise, columns):
    data = b"h\n" + noise
    for fast in (True, False):
        reading, rows = read(data, columns, fast=fast, block=11)
        assert_accounted(data, reading, rows)


@pytest.mark.parametrize("fast", [True, False])
def test_an_unclosed_quote_costs_its_own_line_only(fast):
    data = b'id,name,mail\n1,"Ann,ann@x\n' + b"".join(b"%d,Bob,bob@x\n" % n for n in range(2, 11)) + b'11,"Jo",jo@x\n'
    reading, rows = read(data, 3, fast=fast)
    assert [row.rule for row in reading.rejected] == ["unclosed_quote"]
    assert reading.rejected[0].raw_text == '1,"Ann,ann@x'
    assert [row[0] for row in values(rows)] == [str(n) for n in range(2, 12)]
    assert rows["_row"].to_pylist() == list(range(2, 12))


@pytest.mark.parametrize("fast", [True, False])
def test_an_unclosed_quote_that_nothing_closes_does_not_swallow_the_rest(fast):
    data = b'id,name\n1,"Ann\n2,Bob\n3,Cy\n'
    reading, rows = read(data, 2, fast=fast)
    assert [(row.rule, row.line_from) for row in reading.rejected] == [("unclosed_quote", 2)]
    assert values(rows) == [("2", "Bob"), ("3", "Cy")]


@pytest.mark.parametrize("fast", [True, False])
def test_whole_rows_inside_a_quoted_field_are_rejected_and_never_read_as_rows(fast):
    data = b'a,b,c,d,e\n1,"x,y,z,q\n2,x,y,z,q\n3,x,y,z,q\n4,40",y,z,q\n5,x,y,z,q\n'
    reading, rows = read(data, 5, fast=fast)
    assert [(row.rule, row.line_from, row.line_to) for row in reading.rejected] == [("swallowed_rows", 2, 5)]
    assert values(rows) == [("5", "x", "y", "z", "q")]


@pytest.mark.parametrize("fast", [True, False])
def test_a_stray_quote_inside_a_field_is_that_character(fast):
    _, rows = read(b'a,b\nTV 40",x\n"y",z\n', 2, fast=fast)
    assert values(rows) == [('TV 40"', "x"), ("y", "z")]


@pytest.mark.parametrize("fast", [True, False])
def test_rows_of_the_wrong_length_are_rejected_and_trailing_empty_fields_forgiven(fast):
    reading, rows = read(b"a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n1,2,\n", 3, fast=fast)
    assert [(row.rule, row.row_number) for row in reading.rejected] == [("field_count", 1), ("field_count", 2)]
    assert values(rows) == [("1", "2", "3"), ("1", "2", None)]


@pytest.mark.parametrize("fast", [True, False])
def test_blank_lines_and_rows_without_a_value_are_accounted_for_but_are_no_data_rows(fast):
    reading, rows = read(b'a,b\n\n\n1,2\n,\n"",""\n \n3,4\n', 2, fast=fast)
    assert [(r.rule, r.line_from, r.line_to, r.row_number) for r in reading.rejected] == [
        ("blank_line", 2, 3, 0),
        ("blank_row", 5, 5, 0),
        ("blank_row", 6, 6, 0),
        ("blank_line", 7, 7, 0),
    ]
    assert rows["_row"].to_pylist() == [1, 2]


def test_lines_below_the_data_are_footers_and_a_row_cut_off_is_not():
    footer = b'1,2\n"Grand report"\n"Copyright (c), inc."\n'
    assert [row.rule for row in read(b"a,b\n" + footer, 2)[0].rejected] == ["footer", "footer"]
    assert [row.rule for row in read(b"a,b\n1,2\n\n\nAccounts\n", 2)[0].rejected] == ["blank_line", "footer"]
    assert [row.rule for row in read(b"a,b\n1,2\n34", 2)[0].rejected] == ["truncated_row"]


@pytest.mark.parametrize("fast", [True, False])
def test_a_trailing_delimiter_in_the_header_is_no_column_that_rows_must_have(fast):
    assert unnamed_at_end(["a", "b", None, " "]) == 2
    chunks: list[pa.Table] = []
    dialect = Dialect(",", 0, ("a", "b", "column_3"), unnamed_at_end(["a", "b", None]))
    reading = read_csv(iter([b"a,b,\n1,2\n3,4,\n5,6,x\n7\n"]), dialect, LimitSettings(), chunks.append, fast=fast)
    assert values(pa.concat_tables(chunks)) == [("1", "2", None), ("3", "4", None), ("5", "6", "x")]
    assert [row.line_from for row in reading.rejected] == [5]


def test_title_rows_above_the_header_are_a_preamble():
    reading, rows = read(b"Report of May\n\na,b\n1,2\n", 2, above=2)
    assert [(row.rule, row.line_from) for row in reading.rejected] == [("preamble", 1), ("blank_line", 2)]
    assert rows["_line_from"].to_pylist() == [4]


@pytest.mark.parametrize("fast", [True, False])
def test_zero_bytes_bad_bytes_and_long_fields_reject_their_row_only(fast):
    data = b"a,b\n1,x\0\n2,\xff\n3," + b"y" * 100 + b"\n4,\xc3\xa9\n"
    reading, rows = read(data, 2, fast=fast, limits=LimitSettings(max_field_bytes=50))
    assert [row.rule for row in reading.rejected] == ["nul_byte", "invalid_bytes", "field_too_long"]
    assert values(rows) == [("4", "é")]


def test_a_file_of_unreadable_rows_is_refused():
    with pytest.raises(Refusal, match="mostly_unreadable"):
        read(b"a,b\n" + b"x\n" * 30_000, 2)


def test_too_many_rows_refuse_the_file():
    with pytest.raises(Refusal, match="too_many_rows"):
        read(b"a,b\n" + b"1,2\n" * 11, 2, limits=LimitSettings(max_rows=10))


def test_headers_are_cleaned_told_apart_and_never_ours():
    header = ["\ufeffEmail", ' "Name" ', "Others", "others", "", "_row", "Others"]
    assert column_names(header) == ("Email", "Name", "Others", "others #2", "column_5", "_row #2", "Others #3")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(*[st.none() | st.text(max_size=5)] * 3), min_size=1, max_size=20), st.permutations([0, 1, 2]))
def test_the_row_hash_knows_content_only(rows, order):
    rows = [tuple(value or None for value in row) for row in rows]
    columns = {name: [row[n] for row in rows] for n, name in enumerate(("Id", "e Mail", "Ort"))}
    plain = pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})
    names = plain.column_names
    moved = plain.select([names[n] for n in order]).rename_columns({"e Mail": "E  MAIL"})
    moved = moved.append_column("new", pa.nulls(len(rows), pa.string()))
    hashes = row_hashes(plain).to_pylist()
    assert len(hashes) == len(rows)
    assert hashes == row_hashes(moved).to_pylist()
    assert hashes[::-1] == row_hashes(plain.take(list(range(len(rows)))[::-1])).to_pylist()
    assert len(set(hashes)) == len(set(rows))
