"""The values that landing passes around: a delivered file, a refusal, a rejected row, what reading found."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

Sink = Callable[[pa.Table], None]
"""Takes a chunk of landed rows: `_row`, `_line_from`, `_line_to` and the delivered columns as text."""

HARMLESS_RULES = frozenset({"blank_line", "blank_row", "preamble", "footer"})
"""Rules of rejected rows that hold no data: counted line by line, but no sign of a bad delivery."""


class Refusal(Exception):
    """A file that is not landed: the rule by which, and what to do, in words without a personal value."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule = rule
        self.reason = reason


class Rejected(NamedTuple):
    """One row that could not be read; `row_number` is 0 where it is no data row (blank, title, footer)."""

    row_number: int
    line_from: int
    line_to: int
    rule: str
    detail: str
    raw_text: str


@dataclass(frozen=True)
class Found:
    """A file of the delivery before it is opened: its name in the accounts and where it stands."""

    path: str
    place: Path
    rule: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Dialect:
    """How the text of a CSV file is cut: `header_row` rows stand above the header, `columns` are its names.

    `unnamed` columns at the end have an empty header (a trailing delimiter); a row may lack them.
    """

    delimiter: str
    header_row: int
    columns: tuple[str, ...]
    unnamed: int = 0


@dataclass(frozen=True)
class Reading:
    """What reading a file found: P2 holds when header and spans of landed and rejected rows make `lines`."""

    rows: int
    rejected: tuple[Rejected, ...] = ()
    lines: int | None = None
    header_lines: int | None = None
    landed_lines: int = 0
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def rejected_lines(self) -> int:
        """Physical lines of the rejected rows; 0 for formats without lines."""
        if self.lines is None:
            return 0
        return sum(row.line_to - row.line_from + 1 for row in self.rejected)


def printable(name: str) -> str:
    """A file's name as it may stand in tables and messages: control characters and stray bytes escaped."""
    text = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
