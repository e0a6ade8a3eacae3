"""CSV as the vendors write it: their quoting, line ends and encodings, a hundred thousand rows at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from identity.sample.text import Text

Quoting = Literal["all", "minimal", "minimal_empty_quoted"]
Column = tuple[str, "Text | str"]
_ROWS = 100_000
_NEEDS_QUOTES = '[",\r\n]|^ | $'
_ZIP_TIME = (2001, 1, 1, 0, 0, 0)  # fixed, so that equal content gives equal bytes


def write_csv(path: Path, columns: Sequence[Column], rows: int, quoting: Quoting, encoding: str = "utf-8") -> None:
    """Write the columns (name, values or one constant text) with LF line ends."""
    write_blocks(path, [(columns, rows)], quoting, encoding)


def write_blocks(
    path: Path, blocks: Iterable[tuple[Sequence[Column], int]], quoting: Quoting, encoding: str = "utf-8"
) -> None:
    """Write one file from blocks of rows with the same columns; the first block gives the header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for number, (columns, rows) in enumerate(blocks):
            _write(file.write, columns, rows, quoting, encoding, header=number == 0)


def csv_bytes(columns: Sequence[Column], rows: int, quoting: Quoting, encoding: str = "utf-8") -> bytes:
    """The same file as bytes, for zips."""
    buffer = io.BytesIO()
    _write(buffer.write, columns, rows, quoting, encoding, header=True)
    return buffer.getvalue()


def write_zip(path: Path, members: Sequence[tuple[str, bytes]]) -> None:
    """A deflated zip with fixed times."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)


def _write(
    write: Callable[[bytes], int],
    columns: Sequence[Column],
    rows: int,
    quoting: Quoting,
    encoding: str,
    *,
    header: bool,
) -> None:
    if header:
        names = ",".join(_quoted_one(name, quoting) for name, _ in columns) + "\n"
        write(names.encode(encoding, "replace"))
    for start in range(0, rows, _ROWS):
        stop = min(start + _ROWS, rows)
        lines = _lines([values for _, values in columns], start, stop, quoting)
        # What an export cannot express in its encoding becomes `?`, as with the vendor.
        write(lines if encoding == "utf-8" else lines.decode("utf-8").encode(encoding, "replace"))


def _lines(columns: Sequence[Text | str], start: int, stop: int, quoting: Quoting) -> bytes:
    """Rows start..stop as UTF-8 bytes; neighbouring constants are one piece, which keeps wide files quick."""
    pieces: list[Text | str] = []
    literal = ""
    for position, values in enumerate(columns):
        literal += "," if position else ""
        if isinstance(values, str):
            literal += _quoted_one(values, quoting)
            continue
        if literal:
            pieces.append(literal)
            literal = ""
        pieces.append(_quoted(values.slice(start, stop - start), quoting))
    pieces.append(literal + "\n")
    scalars = [pa.scalar(piece) if isinstance(piece, str) else piece for piece in pieces]
    joined = pc.binary_join_element_wise(*scalars, "")
    joined = joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
    if joined.null_count:
        raise ValueError("a sample column holds a null; missing values are empty strings here")
    offsets, data = joined.buffers()[1], joined.buffers()[2]
    first = int.from_bytes(offsets.slice(4 * joined.offset, 4).to_pybytes(), "little")
    last = int.from_bytes(offsets.slice(4 * (joined.offset + len(joined)), 4).to_pybytes(), "little")
    return bytes(data.slice(first, last - first).to_pybytes())


def _quoted(values: Text, quoting: Quoting) -> Text:
    """The values with the quotes this vendor writes."""
    if quoting == "all":
        return pc.binary_join_element_wise('"', pc.replace_substring(values, '"', '""'), '"', "")
    needed = pc.match_substring_regex(values, _NEEDS_QUOTES)
    if quoting == "minimal_empty_quoted":
        needed = pc.or_(needed, pc.equal(values, ""))
    if not pc.any(needed).as_py():
        return values
    wrapped = pc.binary_join_element_wise('"', pc.replace_substring(values, '"', '""'), '"', "")
    return pc.if_else(needed, wrapped, values)


def _quoted_one(value: str, quoting: Quoting) -> str:
    risky = any(character in value for character in '",\r\n') or value != value.strip(" ")
    # A header is never empty, so only a constant column can be the quoted empty text.
    if quoting == "all" or risky or (quoting == "minimal_empty_quoted" and value == ""):
        return '"' + value.replace('"', '""') + '"'
    return value
