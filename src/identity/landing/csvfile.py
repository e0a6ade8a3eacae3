"""Landing a CSV file: every physical line becomes header, part of a landed row or part of a rejected one.

Blocks of bytes are cut by `rows` where their quotes are regular and by `careful` where not; both give the
same rows (a test proves it).
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from identity.landing import careful, rows
from identity.landing.account import Account, Judge, footers
from identity.landing.model import Dialect, Reading, Refusal, Sink
from identity.settings_groups import LimitSettings

MAX_LINE = 64 << 20
_PIECE = 64 << 10
_LINE_TOO_LONG = f"a line or quoted field of more than {MAX_LINE >> 20} MiB; check the export's line ends and quotes"


def read_csv(
    text: Iterator[bytes],
    dialect: Dialect,
    limits: LimitSettings,
    sink: Sink,
    *,
    damaged: bool = False,
    fast: bool = True,
) -> Reading:
    """Read UTF-8 blocks; landed rows go to `sink` in chunks.

    `damaged` says that some bytes are no valid UTF-8; `fast=False` reads everything row by row. Raises
    Refusal when a limit is passed or most rows cannot be read.
    """
    account = Account(limits, sink)
    judge = Judge(dialect, limits)
    header_lines: int | None = None
    carry = b""
    for block, final in _with_final(text):
        data = carry + block
        start = 0
        if header_lines is None:
            found = _header(account, judge, data, final=final)
            start, header_lines = found or (0, None)
        if header_lines is not None:
            start += _take(account, judge, data[start:] if start else data, damaged=damaged, final=final, fast=fast)
        carry = data[start:]
        if len(carry) > MAX_LINE:
            raise Refusal("line_too_long", _LINE_TOO_LONG)
    rejected = footers(account, dialect)
    return Reading(
        rows=account.landed,
        rejected=rejected,
        lines=account.line,
        header_lines=header_lines,
        landed_lines=account.landed_lines,
        delimiter=dialect.delimiter,
    )


def _with_final(text: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each block with whether it is the last."""
    last = b""
    for block in text:
        if last and block:
            yield last, False
        last = block or last
    yield last, True


def _header(account: Account, judge: Judge, data: bytes, *, final: bool) -> tuple[int, int] | None:
    """Read the rows above the header and the header: (where the data starts, lines of the header row)."""
    text = data.decode("latin-1")
    position, above = 0, []
    for _ in range(judge.dialect.header_row):
        row = careful.read_row(text, position, judge.dialect.delimiter, 0, final=final, patience=MAX_LINE)
        if row is None:
            return None
        blank = not text[position : row.end].strip()
        above.append((row.lines, "blank_line" if blank else "preamble", data[position : row.end]))
        position = row.end
    header = careful.read_row(text, position, judge.dialect.delimiter, 0, final=final, patience=MAX_LINE)
    if header is None:
        return None
    for lines, rule, raw in above:
        account.reject(lines, rule, raw, is_data=False)
    account.pass_over(header.lines)
    return header.end, header.lines


def _take(account: Account, judge: Judge, data: bytes, *, damaged: bool, final: bool, fast: bool) -> int:
    """Account for the whole rows at the start of `data`; returns the bytes they take.

    Where quotes are irregular the block is taken in small pieces, and only the irregular ones row by row.
    """
    if not fast:
        return _take_carefully(account, judge, data, data.decode("latin-1"), slice(0, len(data)), final=final)
    delimiter, columns = judge.dialect.delimiter, judge.columns
    cut = rows.split(data, delimiter, columns, final=final)
    if cut is not None:
        _take_regular(account, judge, data, cut, damaged=damaged)
        return cut.consumed
    used, text = 0, data.decode("latin-1")
    while used < len(data):
        piece = data[used : used + _PIECE]
        cut = rows.split(piece, delimiter, columns, final=final and used + len(piece) == len(data))
        if cut is not None and cut.consumed:
            _take_regular(account, judge, piece, cut, damaged=damaged)
            used += cut.consumed
            continue
        taken = _take_carefully(account, judge, data, text, slice(used, used + len(piece)), final=final)
        if not taken:
            break
        used += taken
    return used


def _take_carefully(account: Account, judge: Judge, data: bytes, text: str, part: slice, *, final: bool) -> int:
    """Rows that start in a part of `data`, one by one; `text` is the same, one character per byte."""
    position = part.start
    spans: list[tuple[int, int, int]] = []
    values: list[tuple[str | None, ...]] = []
    problems: dict[int, str] = {}
    patience = 4 * judge.limits.max_field_bytes
    while position < part.stop:
        row = careful.read_row(text, position, judge.dialect.delimiter, judge.columns, final=final, patience=patience)
        if row is None:
            break
        rule, good = judge.judge(row, text[position : row.end])
        if rule is None:
            values.append(good)
        else:
            problems[len(spans)] = rule
        spans.append((position, row.end, row.lines))
        position = row.end
    if spans:
        table = _table([pa.array(column, pa.string()) for column in zip(*values, strict=True)], judge)
        lines = np.array([lines for _, _, lines in spans])
        account.deliver(lines, table, problems, lambda index: data[spans[index][0] : spans[index][1]])
    return int(position - part.start)


def _take_regular(account: Account, judge: Judge, data: bytes, cut: rows.Rows, *, damaged: bool) -> None:
    """Rows cut by NumPy: the plain ones parsed by Arrow at once, the suspect ones judged one by one."""
    if not cut.consumed:
        return
    problems: dict[int, str] = {}
    mended: dict[int, bytes] = {}
    blank = cut.ends == cut.starts
    for index in np.flatnonzero(~blank & _suspect(judge, data, cut, damaged=damaged)).tolist():
        text = data[cut.starts[index] : cut.nexts[index]].decode("latin-1")
        row = careful.read_row(text, 0, judge.dialect.delimiter, judge.columns, final=True, patience=len(text))
        assert row is not None
        rule, good = judge.judge(row, text)
        if rule is None:
            mended[index] = careful.encode_row(good, judge.dialect.delimiter).encode("utf-8")
        else:
            problems[index] = rule
    out = blank.copy()
    out[list(problems)] = True
    table = _parse(_payload(data, cut, out, mended), judge)
    empty = _all_null(table)
    if empty.any():
        problems |= dict.fromkeys(np.flatnonzero(~out)[empty].tolist(), "blank_row")
        table = table.filter(pa.array(~empty))
    account.deliver(cut.lines, table, problems, lambda index: data[cut.starts[index] : cut.nexts[index]], blank=blank)


def _suspect(judge: Judge, data: bytes, cut: rows.Rows, *, damaged: bool) -> npt.NDArray[np.bool_]:
    """Rows that are not plainly good: other field count, very long, zero bytes, invalid bytes."""
    suspect: npt.NDArray[np.bool_] = (cut.fields != judge.columns) | (
        cut.ends - cut.starts > judge.limits.max_field_bytes
    )
    if b"\0" in data:
        zeros = np.flatnonzero(np.frombuffer(data, np.uint8) == 0)
        suspect[_row_of(zeros, cut)] = True
    if damaged and not _is_utf8(data[: cut.consumed]):
        beyond = np.flatnonzero(np.frombuffer(data, np.uint8) >= 0x80)
        for index in np.unique(_row_of(beyond, cut)).tolist():
            suspect[index] |= not _is_utf8(data[cut.starts[index] : cut.ends[index]])
    return suspect


def _row_of(places: rows.Positions, cut: rows.Rows) -> rows.Positions:
    found: rows.Positions = np.searchsorted(cut.nexts, places[places < cut.consumed], side="right")
    return found


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _payload(data: bytes, cut: rows.Rows, out: npt.NDArray[np.bool_], mended: dict[int, bytes]) -> bytes:
    """The bytes of the rows to land: runs of good rows as they stand, mended rows rewritten."""
    if not out.any() and not mended:
        return data[: cut.consumed]
    breaks = out.copy()
    breaks[list(mended)] = True
    pieces, begin = [], 0
    for index in [*np.flatnonzero(breaks).tolist(), breaks.size]:
        if index > begin:
            pieces.append(data[cut.starts[begin] : cut.nexts[index - 1]])
        if index in mended:
            pieces.append(mended[index])
        begin = index + 1
    return b"".join(pieces)


def _parse(payload: bytes, judge: Judge) -> pa.Table:
    """Regular CSV rows with the right number of fields as text columns, null where empty."""
    if not payload:
        return _table([], judge)
    names = judge.dialect.columns
    return pacsv.read_csv(
        pa.BufferReader(payload),
        read_options=pacsv.ReadOptions(column_names=names, use_threads=False, block_size=len(payload) + 1),
        parse_options=pacsv.ParseOptions(
            delimiter=judge.dialect.delimiter, newlines_in_values=True, ignore_empty_lines=False
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _table(columns: list[pa.Array], judge: Judge) -> pa.Table:
    names = list(judge.dialect.columns)
    return pa.table(columns or [pa.array([], pa.string()) for _ in names], names=names)


def _all_null(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Which rows hold no value at all."""
    empty: npt.NDArray[np.bool_] = np.ones(table.num_rows, bool)
    for name in table.column_names:
        column = table.column(name)
        if not column.null_count:
            return np.zeros(table.num_rows, bool)
        here: npt.NDArray[np.bool_] = column.is_null().to_numpy()
        empty &= here
    return empty
