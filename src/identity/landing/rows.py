"""Cutting a block of CSV bytes into rows with NumPy, where its quotes prove that this is safe.

A block is regular when every quote opens a field right after a delimiter or line end, closes one right
before a delimiter or line end, or is doubled inside one. Then counting quotes tells inside from outside.
Anything else (a stray quote, one that never closes) is left to `careful`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_QUOTE, _LF, _CR = 34, 10, 13
MIN_COLUMNS_TO_SUSPECT = 5

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Rows of a block: where each starts, its text ends, the next starts, its lines and its fields."""

    starts: Positions
    ends: Positions
    nexts: Positions
    lines: Positions
    fields: Positions

    @property
    def consumed(self) -> int:
        """Bytes of the block that whole rows cover."""
        return int(self.nexts[-1]) if self.nexts.size else 0


def split(block: bytes, delimiter: str, columns: int, *, final: bool) -> Rows | None:
    """The whole rows of a block that starts at a row; None when its quotes are irregular.

    `final` says that nothing follows, so that the last row may lack its line end.
    """
    data = np.frombuffer(block, np.uint8)
    terminators, after = _terminators(data, final=final)
    quotes = np.flatnonzero(data == _QUOTE)
    delimiters = data == ord(delimiter)
    if quotes.size:
        inside = np.bitwise_xor.accumulate((data == _QUOTE).view(np.uint8)).astype(bool)
        quoted_end = inside[np.minimum(terminators, data.size - 1)] if terminators.size else inside[:0]
        if _hides_rows(quotes, np.flatnonzero(delimiters), terminators[quoted_end], terminators, columns):
            return None
        structural = np.flatnonzero(~quoted_end)
        end = int(after[structural[-1]]) if structural.size else 0
        quotes = quotes[: np.searchsorted(quotes, end)]
        if not _regular(data, quotes, ord(delimiter)) or (final and end < data.size):
            return None
        delimiters &= ~inside
    else:
        structural = np.arange(terminators.size)
    return _rows(data, np.flatnonzero(delimiters), terminators, after, structural)


def _terminators(data: npt.NDArray[np.uint8], *, final: bool) -> tuple[Positions, Positions]:
    """Positions of the line ends (of the LF in CRLF) and of the byte after each."""
    mask = data == _LF
    returns = np.flatnonzero(data == _CR)
    if returns.size:
        if not final:
            returns = returns[returns < data.size - 1]
        following = data[np.minimum(returns + 1, data.size - 1)]
        mask[returns[(following != _LF) | (returns == data.size - 1)]] = True
    at = np.flatnonzero(mask)
    after = at + 1
    if final and data.size and (not at.size or after[-1] < data.size):
        at, after = np.append(at, data.size), np.append(after, data.size)
    return at, after


def _regular(data: npt.NDArray[np.uint8], quotes: Positions, delimiter: int) -> bool:
    """Whether every quote of whole rows opens, closes or is doubled where it may."""
    bounds = np.zeros(256, bool)
    bounds[[delimiter, _LF, _CR, _QUOTE]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = bounds[data[np.maximum(opening - 1, 0)]] | (opening == 0)
    behind = bounds[data[np.minimum(closing + 1, data.size - 1)]] | (closing == data.size - 1)
    return bool(before.all() and behind.all())


def _hides_rows(
    quotes: Positions,
    delimiters: Positions,
    quoted_ends: Positions,
    terminators: Positions,
    columns: int,
) -> bool:
    """Whether a line inside a quoted field looks like a whole row: as many delimiters, no quote."""
    if columns < MIN_COLUMNS_TO_SUSPECT or quoted_ends.size < 2:
        return False
    order = np.searchsorted(terminators, quoted_ends)
    adjacent = np.flatnonzero(np.diff(order) == 1)
    first, second = quoted_ends[adjacent], quoted_ends[adjacent + 1]
    found = np.searchsorted(delimiters, second) - np.searchsorted(delimiters, first)
    unquoted = np.searchsorted(quotes, second) == np.searchsorted(quotes, first)
    return bool(((found == columns - 1) & unquoted).any())


def _rows(
    data: npt.NDArray[np.uint8],
    delimiters: Positions,
    terminators: Positions,
    after: Positions,
    structural: Positions,
) -> Rows:
    at, nexts = terminators[structural], after[structural]
    starts = np.concatenate((np.zeros(1, np.int64), nexts[:-1])) if at.size else at
    crlf = (at < data.size) & (at > starts)
    crlf[crlf] = (data[at[crlf]] == _LF) & (data[at[crlf] - 1] == _CR)
    lines = np.diff(structural, prepend=-1)
    counts = np.searchsorted(delimiters, at)
    fields = np.diff(counts, prepend=0) + 1
    return Rows(starts, at - crlf, nexts, lines, fields)
