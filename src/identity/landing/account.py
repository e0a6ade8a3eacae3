"""The account of a text file's lines and rows: what landed, what was rejected and by which rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from identity.landing import careful
from identity.landing.model import Dialect, Refusal, Rejected, Sink
from identity.settings_groups import LimitSettings

_KEEP_TEXT = 1 << 16
_MANY_ROWS = 10_000
_MANY_BYTES = 256 << 20
_FOOTER_ROWS = 10

DETAILS = {
    "blank_line": "empty lines; nothing to do",
    "blank_row": "a row without a value; nothing to do",
    "preamble": "stands above the header; nothing to do",
    "footer": "a line below the data, no row; nothing to do",
    "field_count": "not as many fields as the header: a delimiter or quote is missing or too many; mend the row",
    "truncated_row": "the file ends inside this row; have it exported again",
    "unclosed_quote": "a quote opens or closes in the wrong place, so only this line is left out; mend the quote",
    "swallowed_rows": "a quoted field holds what look like whole rows; its closing quote is missing; mend it",
    "nul_byte": "holds a zero byte; have the row exported again",
    "invalid_bytes": "not valid UTF-8; export the file as UTF-8, or name its `encoding` in the configuration",
    "field_too_long": "a field is longer than limits.max_field_bytes; shorten it or raise the limit",
    "invalid_json": "not valid JSON; have the line exported again",
    "not_an_object": "JSON, but not an object with fields; deliver one object per row",
    "nesting": "nested deeper than limits.max_nesting; flatten it or raise the limit",
    "invalid_text": "holds half a character (a lone surrogate); have the row exported again",
}


@dataclass
class Account:
    """Where reading stands: the line and data row last read, what landed, what was rejected.

    Formats without lines (`by_line` false) deliver rows of 0 lines, which stand at line 0.
    """

    limits: LimitSettings
    sink: Sink
    by_line: bool = True
    line: int = 0
    row: int = 0
    landed: int = 0
    landed_lines: int = 0
    last_landed_line: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    bad_rows: int = 0
    bad_bytes: int = 0

    def pass_over(self, lines: int) -> None:
        """Lines of the header."""
        self.line += lines
        self.last_landed_line = self.line

    def reject(self, lines: int, rule: str, raw: bytes, *, is_data: bool = True) -> None:
        """One row that could not be read, at the present line."""
        self.row += is_data
        self.line += lines
        self._add(self.row if is_data else 0, self.line - lines + 1, self.line, rule, raw)

    def deliver(
        self,
        lines: npt.NDArray[np.int64],
        table: pa.Table,
        problems: Mapping[int, str],
        raw: Callable[[int], bytes],
        *,
        blank: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """A batch of consecutive rows, `lines` each: `table` holds those without a problem that are not blank."""
        blank = np.zeros(lines.size, bool) if blank is None else blank.copy()
        no_data = blank.copy()
        landed = ~blank
        for index, rule in problems.items():
            landed[index] = False
            no_data[index] = rule in {"blank_line", "blank_row"}
        numbers = self.row + np.cumsum(~no_data)
        line_to = self.line + np.cumsum(lines)
        line_from = line_to - lines + 1 if self.by_line else line_to
        for first, last in _entries(problems, blank):
            rule = problems.get(first, "blank_line")
            number = 0 if no_data[first] else int(numbers[first])
            text = b"" if rule == "blank_line" else raw(first)
            self._add(number, int(line_from[first]), int(line_to[last]), rule, text)
        if table.num_rows:
            self._land(table, numbers[landed], line_from[landed], line_to[landed])
        self.row, self.line = int(numbers[-1]), int(line_to[-1])

    def _add(self, number: int, line_from: int, line_to: int, rule: str, raw: bytes) -> None:
        before = self.rejected[-1] if self.rejected else None
        if rule == "blank_line" and before and before.rule == rule and before.line_to + 1 == line_from and line_from:
            self.rejected[-1] = before._replace(line_to=line_to)
            return
        text = raw.rstrip(b"\r\n").decode("utf-8", "backslashreplace")
        if len(text) > _KEEP_TEXT:
            text = f"{text[:_KEEP_TEXT]} [cut: {len(text) - _KEEP_TEXT} more characters]"
        self.rejected.append(Rejected(number, line_from, line_to, rule, DETAILS[rule], text))
        if number:
            self.bad_rows += 1
            self.bad_bytes += len(text)
            if (self.bad_rows > _MANY_ROWS and self.bad_rows > self.row // 2) or self.bad_bytes > _MANY_BYTES:
                raise Refusal("mostly_unreadable", "most rows cannot be read; check delimiter, quotes and encoding")

    def _land(
        self,
        table: pa.Table,
        numbers: npt.NDArray[np.int64],
        line_from: npt.NDArray[np.int64],
        line_to: npt.NDArray[np.int64],
    ) -> None:
        self.landed += table.num_rows
        self.landed_lines += int((line_to - line_from + 1).sum()) if self.by_line else 0
        self.last_landed_line = int(line_to[-1])
        if self.landed > self.limits.max_rows:
            raise Refusal("too_many_rows", f"more than {self.limits.max_rows} rows; split the export")
        own = {"_row": numbers, "_line_from": line_from, "_line_to": line_to}
        arrays = [pa.array(values, pa.int64()) for values in own.values()]
        self.sink(pa.table([*arrays, *table.columns], names=[*own, *table.column_names]))


def _entries(problems: Mapping[int, str], blank: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last row of each rejected entry, in order; a run of blank lines is one entry."""
    entries = [(index, index) for index in problems]
    places = np.flatnonzero(blank)
    if places.size:
        starts = np.concatenate(([0], np.flatnonzero(np.diff(places) > 1) + 1))
        stops = np.concatenate((starts[1:], [places.size])) - 1
        entries += list(zip(places[starts].tolist(), places[stops].tolist(), strict=True))
    return sorted(entries)


@dataclass(frozen=True)
class Judge:
    """Tells a good CSV row from a bad one."""

    dialect: Dialect
    limits: LimitSettings

    @property
    def columns(self) -> int:
        """Fields of a good row."""
        return len(self.dialect.columns)

    def judge(self, row: careful.Row, raw: str) -> tuple[str | None, tuple[str | None, ...]]:
        """The rule that rejects a row, or None and its values as text.

        `row` and `raw` hold one character per byte. Fields beyond the header are let pass where empty.
        """
        rule = row.problem or self._shape(row.values, raw)
        if rule is not None:
            return rule, ()
        values = (*row.values, *[None] * (self.columns - len(row.values)))[: self.columns]
        if any(len(value) > self.limits.max_field_bytes for value in values if value):
            return "field_too_long", ()
        if raw.isascii():
            return None, values
        try:
            return None, tuple(value and value.encode("latin-1").decode("utf-8") for value in values)
        except UnicodeDecodeError:
            return "invalid_bytes", ()

    def _shape(self, values: tuple[str | None, ...], raw: str) -> str | None:
        if "\0" in raw:
            return "nul_byte"
        if not any(values):
            return "blank_row" if raw.strip("\r\n") else "blank_line"
        if len(values) == 1 and self.columns > 1 and not raw.strip():
            return "blank_line"
        if len(values) < self.columns - self.dialect.unnamed or any(values[self.columns :]):
            return "field_count"
        return None


def footers(account: Account, dialect: Dialect) -> tuple[Rejected, ...]:
    """The rejected rows, with lines of one cell below the last row told apart as footers.

    A last line of one cell that follows the data directly and alone is a row cut off, not a footer.
    """
    kept = [row for row in account.rejected if row.line_from <= account.last_landed_line]
    tail = account.rejected[len(kept) :]
    single = [row for row in tail if row.rule == "field_count" and _cells(row.raw_text, dialect.delimiter) == 1]
    if not single or len(single) > _FOOTER_ROWS:
        return tuple(account.rejected)
    if len(tail) == 1:
        return (*kept, single[0]._replace(rule="truncated_row", detail=DETAILS["truncated_row"]))
    return (*kept, *(_as_footer(row) if row in single else row for row in tail))


def _as_footer(row: Rejected) -> Rejected:
    return row._replace(row_number=0, rule="footer", detail=DETAILS["footer"])


def _cells(text: str, delimiter: str) -> int:
    """Filled cells of a row."""
    row = careful.read_row(text, 0, delimiter, 0, final=True, patience=len(text))
    return sum(value is not None for value in row.values) if row and not row.problem else 0
