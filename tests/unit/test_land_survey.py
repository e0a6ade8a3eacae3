"""The pass over all bytes of a delivered file: lines and the encoding, wherever its blocks are cut; row hashes."""

import hashlib
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.landing import encoding
from identity.landing.rowhash import row_hashes

_BYTES = st.lists(st.sampled_from([b"a", b",", b"\r", b"\n", b"\r\n", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\xff"]))


@settings(max_examples=150, deadline=None)
@given(parts=_BYTES, block=st.integers(1, 7))
def test_p2_lines_and_damaged_bytes_do_not_depend_on_where_blocks_are_cut(parts: list[bytes], block: int) -> None:
    data = b"".join(parts)
    lines, tally = encoding.LineCounter(), encoding.Utf8Tally()
    for at in range(0, len(data), block):
        lines.add(data[at : at + block])
        tally.add(data[at : at + block])
    tally.add(b"", final=True)
    assert lines.count == len(re.split(rb"\r\n|\r|\n", data)) - 1 + (data[-1:] not in b"\r\n")
    text = data.decode("utf-8", "surrogateescape")
    assert tally.invalid == sum("\udc80" <= char <= "\udcff" for char in text)
    assert tally.valid == sum(char > "\x7f" for char in text) - tally.invalid


@pytest.mark.parametrize(("text", "found"), [("Zoë\r\n", "utf-8"), ("plain\n", "utf-8")])
def test_a_file_in_utf_8_is_known_as_such(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode())
    surveyed = encoding.survey(tmp_path / "x.csv")
    assert (surveyed.encoding, surveyed.lines, surveyed.invalid) == (found, 1, 0)


def test_the_hash_of_a_row_is_that_of_its_filled_columns_and_their_values() -> None:
    rows = pa.table({"b": ["1", None, None], "a": ["x", "y", None]})
    texts = (b"a\x1eb\n\x1ex\x1e1", b"a\n\x1ey", b"\n")
    assert row_hashes(rows).to_pylist() == [hashlib.sha256(text).hexdigest()[:32] for text in texts]
