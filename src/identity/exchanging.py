"""Decisions to and from CSV files: the whole log goes out, rows that the log does not have come in."""

from dataclasses import replace
from pathlib import Path

from identity.deciding import FIELDS, joins
from identity.desk import Desk
from identity.errors import ConfigurationError
from identity.runs import lease
from identity.runs.workspace import write_atomically
from identity.standardising.blocked import match_key
from identity.stewardship import csvfile
from identity.stewardship import log as decision_log
from identity.stewardship.decisions import BLOCKING, GOLDEN, UNKNOWN, Kind, Said


def export_decisions(at: Desk, target: Path) -> int:
    """Write the whole log as CSV; the file appears under its name only when whole. Returns the decisions written."""
    if not target.parent.is_dir():
        raise ConfigurationError(f"{target.parent}: no such folder; create it first")
    write_atomically(target, csvfile.write(at.log))
    return len(at.log)


def import_decisions(at: Desk, source: Path) -> tuple[int, int]:
    """Add the decisions of a CSV file to the log, in one transaction; returns (added, known before).

    A row that the log has already is passed over, so that a file can be read twice. Numbers of the file are
    its own: what a row undoes or supersedes is found under the number it gets here. Raises ConfigurationError
    naming the lines at fault, and then nothing is imported.
    """
    try:
        with source.open(encoding="utf-8-sig", newline="") as stream:
            text = stream.read()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{source}: not UTF-8; save it as CSV in UTF-8") from None
    rows = csvfile.read(text, source.name, lease.now().replace(microsecond=0))
    facts = at.facts(sorted({record for row in rows for record in row.said.records}))
    numbers: dict[int, int] = {}
    known = {_content(decision.said): decision.number for decision in at.log}
    last = at.log[-1].number if at.log else 0
    added: list[Said] = []
    problems: list[str] = []
    for row in rows:
        said = row.said
        for record, evidence in zip(said.records, said.evidence or (UNKNOWN,) * len(said.records), strict=True):
            if record not in facts and evidence == UNKNOWN:
                problems.append(f"line {row.line}: a record is not in the published warehouse")
                break
        problems += [f"line {row.line}: {problem}" for problem in _misfits(at, said)]
        for name in (said.undoes, said.supersedes):
            if name is not None and name not in numbers:
                problems.append(f"line {row.line}: undoes or supersedes a decision that is not in the file")
        said = replace(
            said,
            undoes=numbers.get(said.undoes) if said.undoes is not None else None,
            supersedes=numbers.get(said.supersedes) if said.supersedes is not None else None,
            evidence=said.evidence or at.marks(said.parts),
        )
        place = known.get(_content(said))
        if place is None:
            problems += [f"line {row.line}: {problem}" for problem in _alone(at, said)]
            added.append(said)
            place = last + len(added)
            known[_content(said)] = place
        if row.number is not None:
            numbers[row.number] = place
    if problems:
        raise ConfigurationError("\n".join([f"{source.name}: nothing was imported", *problems]))
    at.log.extend(decision_log.append(at.store, at.secret, added))
    return len(added), len(rows) - len(added)


def _misfits(at: Desk, said: Said) -> list[str]:
    """What is wrong with field and value of a row, in words without values."""
    if said.kind in GOLDEN and said.field not in FIELDS:
        return [f"field is none of {', '.join(FIELDS)}"]
    if said.kind in BLOCKING and match_key(said.field or "", said.value or "", at.settings.region) is None:
        return ["value is not readable as the identifier type that field names"]
    return []


def _alone(at: Desk, said: Said) -> list[str]:
    """A join of many records under one name only."""
    people = {name.strip().casefold() for name in said.decided_by.split(",")}
    if said.kind is not Kind.SAME or len(people) > 1:
        return []
    size = joins(at, said.parts)
    if size < at.settings.review.second_person_records:
        return []
    return [f"joining {size:,} records takes two people: `identity decide same`, or both names in decided_by"]


def _content(said: Said) -> Said:
    """What makes two entries the same: all but the marks of the records' content."""
    return replace(said, evidence=())
