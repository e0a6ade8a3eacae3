"""Decisions as a CSV file: for a spreadsheet, for another store, for a batch decided elsewhere.

`records_1`, `records_2` … are the parts: of a pair its two sides, of a split the records that stay and each group
that leaves; a cell holds one record as source:key on each line. Cells that a spreadsheet would run as a formula
begin with an apostrophe, and so do cells that begin with one: reading takes it off, so that what was written
comes back exactly (PROMISES.md P19).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from identity.errors import ConfigurationError
from identity.standard.text import FORMULA_TRIGGERS
from identity.stewardship.decisions import BLOCKING, GOLDEN, GROUPING, Decision, Key, Kind, Said

COLUMNS = (
    "decision", "kind", "decided_by", "at", "reason", "field", "value", "undoes", "supersedes", "assignee", "due",
    "evidence",
)  # fmt: skip
_ESCAPED = re.compile(f"{FORMULA_TRIGGERS}|^'")
_PART = re.compile(r"records_([1-9][0-9]*)")
_NUMBER = re.compile(r"[Dd]?([1-9][0-9]*)")
_MOST_TEXT = 2000


@dataclass(frozen=True)
class Row:
    """A decision read from line `line` of a file; `number` is the one it has there, None where it has none."""

    line: int
    number: int | None
    said: Said


def write(log: Sequence[Decision]) -> str:
    """The text of the file: header, then one row for each decision in order."""
    parts = max((len(decision.said.parts) for decision in log), default=2)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, *(f"records_{place + 1}" for place in range(max(parts, 2)))])
    for decision in log:
        said = decision.said
        cells = [
            decision.name, said.kind.value, said.decided_by, said.at.isoformat(), said.reason, said.field, said.value,
            _name(said.undoes), _name(said.supersedes), said.assignee, said.due.isoformat() if said.due else None,
            " ".join(said.evidence), *(_cell(part) for part in said.parts),
        ]  # fmt: skip
        padded = [*cells, *[""] * (len(COLUMNS) + max(parts, 2) - len(cells))]
        writer.writerow([_safe(cell or "") for cell in padded])
    return out.getvalue()


def read(text: str, name: str, now: datetime) -> list[Row]:
    """The decisions of a file; `now` is the time of rows without one.

    Raises ConfigurationError naming every line at fault and what is wrong with it; no value is quoted.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    problems: list[str] = []
    try:
        header = next(reader, None)
        if header is None or not {"kind", "decided_by", "reason"} <= set(header):
            raise ConfigurationError(
                f"{name}: no header with kind, decided_by and reason; `--export` shows the columns"
            )
        unknown = [column for column in header if column not in COLUMNS and not _PART.fullmatch(column)]
        if unknown or len(set(header)) < len(header):
            raise ConfigurationError(f"{name}: a column is unknown or stands twice; `--export` shows the columns")
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                try:
                    rows.append(_row(dict(zip(header, cells, strict=True)), line, now))
                except ValueError as error:
                    problems.append(f"line {line}: {_worded(error)}")
            line = reader.line_num + 1
    except csv.Error:
        problems.append(f"line {reader.line_num}: not readable as CSV; is a quote not closed?")
    problems += _out_of_place(rows)
    if problems:
        raise ConfigurationError("\n".join([f"{name}: nothing was imported", *problems]))
    return rows


def _worded(error: ValueError) -> str:
    return "not as many cells as the header has" if "zip()" in str(error) else str(error)


def _row(raw: dict[str, str], line: int, now: datetime) -> Row:
    """One row; ValueError in words without values."""
    cells = {name: _plain(cell) for name, cell in raw.items()}
    try:
        kind = Kind(cells["kind"])
    except ValueError:
        raise ValueError(f"kind is none of {', '.join(Kind)}") from None
    parts = _parts(cells)
    said = Said(
        kind=kind,
        decided_by=_needed(cells, "decided_by"),
        at=_moment(cells.get("at"), now),
        reason=cells["reason"] or None,
        parts=parts,
        field=cells.get("field") or None,
        value=cells.get("value") or None,
        undoes=_number(cells.get("undoes"), "undoes"),
        supersedes=_number(cells.get("supersedes"), "supersedes"),
        assignee=cells.get("assignee") or None,
        due=_day(cells.get("due")),
        evidence=tuple((cells.get("evidence") or "").split()),
    )
    if said.evidence and len(said.evidence) != len(said.records):
        raise ValueError("evidence has not one mark for each record")
    if len(said.reason or "") > _MOST_TEXT:
        raise ValueError(f"reason is longer than {_MOST_TEXT} characters")
    _whole(said)
    return Row(line, _number(cells.get("decision"), "decision"), said)


def _whole(said: Said) -> None:
    """ValueError where a decision lacks what its kind needs."""
    if said.kind in GROUPING:
        if len([part for part in said.parts if part]) < 2:
            raise ValueError("records_1 and records_2 must name records")
        if len(set(said.records)) < len(said.records):
            raise ValueError("a record stands there twice")
    elif said.kind in GOLDEN and (len(said.records) != 1 or not said.field):
        raise ValueError("field and one record in records_1 are needed")
    elif said.kind in BLOCKING and not (said.field and said.value):
        raise ValueError("field and value are needed")
    elif said.kind is Kind.CORRECT_VALUE and not said.value:
        raise ValueError("value is needed")
    elif said.kind is Kind.UNDO and said.undoes is None:
        raise ValueError("undoes is needed")


def _out_of_place(rows: Iterable[Row]) -> list[str]:
    """Decisions of the file that name one which comes later in it, or the same number twice."""
    seen: set[int] = set()
    found = []
    for row in rows:
        ended = [number for number in (row.said.undoes, row.said.supersedes) if number is not None]
        if row.number is not None and any(number >= row.number for number in ended):
            found.append(f"line {row.line}: undoes or supersedes a decision that is not earlier")
        if row.number in seen:
            found.append(f"line {row.line}: this decision stands in the file already")
        if row.number is not None:
            seen.add(row.number)
    return found


def _parts(cells: dict[str, str]) -> tuple[tuple[Key, ...], ...]:
    numbered = sorted((int(found[1]), name) for name in cells if (found := _PART.fullmatch(name)))
    parts = [_records(cells[name]) for _, name in numbered]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _records(cell: str) -> tuple[Key, ...]:
    found = []
    for line in cell.split("\n") if cell else ():
        source, colon, source_pk = _unescaped(line).partition(":")
        if not colon or not source or not source_pk:
            raise ValueError("a record is not written as source:key")
        found.append((source, source_pk))
    return tuple(found)


def _cell(part: Iterable[Key]) -> str:
    return "\n".join(_escaped(f"{source}:{source_pk}") for source, source_pk in part)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[1]), text)


def _safe(cell: str) -> str:
    return f"'{cell}" if _ESCAPED.match(cell) else cell


def _plain(cell: str) -> str:
    return cell.removeprefix("'")


def _name(number: int | None) -> str | None:
    return None if number is None else f"D{number}"


def _needed(cells: dict[str, str], name: str) -> str:
    if not cells[name].strip() or len(cells[name]) > 200:
        raise ValueError(f"{name} must have 1 to 200 characters")
    return cells[name]


def _number(text: str | None, name: str) -> int | None:
    if not text:
        return None
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(f"{name} is no decision such as D12")
    return int(found[1])


def _moment(text: str | None, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text) if text else now
    except ValueError:
        raise ValueError("at is no time such as 2026-07-01T09:30:00") from None
    if found.tzinfo is not None:
        raise ValueError("at has a time zone; write it in UTC without one")
    return found


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("due is no date such as 2026-07-31") from None
