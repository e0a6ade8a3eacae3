"""Cutting CSV text row by row, where quotes are not to be trusted.

RFC 4180 with what real files need: a quote inside an unquoted field is that character, as spreadsheets and
the csv module read it. A quoted field that closes before anything but a delimiter or a line end, or never,
loses its first line only: reading goes on with the next line, so that an unclosed quote hides nothing.
Text that is valid CSV is never second-guessed, except where a quoted field of a wide file holds a line that
is itself a whole row (a closing quote lost in one row and a stray one in a later): that span is rejected whole,
for to read rows out of a field would let a customer's note forge records.
"""

import re
from dataclasses import dataclass
from functools import cache

from identity.landing.rows import MIN_COLUMNS_TO_SUSPECT

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Row:
    """One row of the text: values (null where empty), where the next starts, its lines, what is wrong with it."""

    values: tuple[str | None, ...]
    end: int
    lines: int
    problem: str | None = None


def read_row(text: str, start: int, delimiter: str, columns: int, *, final: bool, patience: int) -> Row | None:
    """The row at `start`; None when the text ends before it does and more is to come.

    A quote that has not closed after `patience` characters, or at the end of a `final` text, never will.
    `columns` is 0 while the header is not known. A row is not followed beyond twice its columns.
    """
    plain = _plain_row(text, start, delimiter, final=final)
    if plain is not None:
        return plain
    unquoted = _unquoted(delimiter)
    values: list[str | None] = []
    position, hidden = start, False
    most = 2 * columns + 100 if columns else 0
    while True:
        if text.startswith('"', position):
            close = _closing_quote(text, position)
            if close is None:
                waiting = not final and len(text) - position <= patience
                return None if waiting else _broken(text, start, final=final)
            value = text[position + 1 : close]
            position = close + 1
            if position == len(text) and not final:
                return None
            if position < len(text) and text[position] not in (delimiter, "\n", "\r"):
                return _broken(text, start, final=final)
            hidden = hidden or _hides_rows(value, delimiter, columns)
            values.append(value.replace('""', '"') or None)
        else:
            match = unquoted.match(text, position)
            assert match is not None
            values.append(match.group() or None)
            position = match.end()
        if position < len(text) and text[position] == delimiter and (not most or len(values) < most):
            position += 1
            continue
        return _finish(text, start, position, values, hidden=hidden, final=final)


def _plain_row(text: str, start: int, delimiter: str, *, final: bool) -> Row | None:
    """The row of a whole line without quotes, which needs no care; None for any other."""
    end = _LINE_END.search(text, start)
    if end is None or (end.end() == len(text) and not final):
        return None
    line = text[start : end.start()]
    if '"' in line:
        return None
    return Row(tuple(value or None for value in line.split(delimiter)), end.end(), 1)


def encode_row(values: tuple[str | None, ...], delimiter: str) -> str:
    """A row as regular CSV: every value quoted."""
    return delimiter.join('"' + (value or "").replace('"', '""') + '"' for value in values) + "\n"


def _finish(text: str, start: int, position: int, values: list[str | None], *, hidden: bool, final: bool) -> Row | None:
    problem = "swallowed_rows" if hidden else None
    end = _LINE_END.search(text, position)
    if end is None:
        if not final:
            return None
        return Row(tuple(values), len(text), _lines(text, start, len(text)) + 1, problem)
    if end.group() == "\r" and end.end() == len(text) and not final:
        return None
    return Row(tuple(values), end.end(), _lines(text, start, end.end()), problem)


def _closing_quote(text: str, opening: int) -> int | None:
    at = text.find('"', opening + 1)
    while at != -1:
        if not text.startswith('"', at + 1):
            return at
        at = text.find('"', at + 2)
    return None


def _broken(text: str, start: int, *, final: bool) -> Row | None:
    """The first line of a row whose quotes are wrong."""
    end = _LINE_END.search(text, start)
    if end is None:
        return Row((), len(text), 1, "unclosed_quote") if final else None
    if end.group() == "\r" and end.end() == len(text) and not final:
        return None
    return Row((), end.end(), 1, "unclosed_quote")


def _hides_rows(value: str, delimiter: str, columns: int) -> bool:
    if columns < MIN_COLUMNS_TO_SUSPECT or ("\n" not in value and "\r" not in value):
        return False
    inner = _LINE_END.split(value)[1:-1]
    return any(line.count(delimiter) == columns - 1 and '"' not in line for line in inner)


def _lines(text: str, start: int, end: int) -> int:
    """Line ends between two places."""
    feeds, returns = text.count("\n", start, end), text.count("\r", start, end)
    return feeds + returns - (text.count("\r\n", start, end) if returns else 0)


@cache
def _unquoted(delimiter: str) -> re.Pattern[str]:
    return re.compile("[^" + re.escape(delimiter) + "\r\n]*")
