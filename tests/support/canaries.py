"""Canary people: values that occur nowhere else, planted into exports of every format, and looked for later."""

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from identity.landing.inspect import inspect
from identity.settings import Settings


@dataclass(frozen=True)
class Canary:
    """An invented person. `number` tells canaries apart; number 0 is planted in every file."""

    number: int

    @property
    def given(self) -> str:
        return "Zzyxwanda" + "abcdefghijkl"[self.number] * 2

    @property
    def family(self) -> str:
        return "Quibblethwaite" + "abcdefghijkl"[self.number] * 2

    @property
    def email(self) -> str:
        return f"zzyxwanda.q{self.number}@vexlington-mail{self.number}.org"

    @property
    def phone(self) -> str:
        return f"(646) 73{self.number % 10}-84{self.number % 10}7"

    @property
    def street(self) -> str:
        return f"77{self.number} Vexlingtonian Parade"

    @property
    def city(self) -> str:
        return "Wexlingborough"

    @property
    def note(self) -> str:
        return f"{self.given} {self.family} rang from {self.phone}, limps badly"

    @property
    def needles(self) -> tuple[str, ...]:
        """What must never be found, without regard to case."""
        digits = re.sub(r"\D", "", self.phone)
        words = ("zzyxwanda", "quibblethwaite", "vexlington", "wexlingborough", "limps badly")
        return (*words, self.email, self.phone, digits, digits[3:], f"{digits[3:6]}-{digits[6:]}")


CANARIES = tuple(Canary(number) for number in range(10))
NEEDLES = tuple(sorted({needle.casefold() for canary in CANARIES for needle in canary.needles}))


def plant(inbox: Path, target: Path, *, one: bool = False) -> Path:
    """A copy of sample exports with two canaries in every file: one of all files, one of the system's own.

    With `one` only the canary of all files is planted.
    """
    shutil.copytree(inbox, target)
    fields: dict[tuple[str, str], Mapping[str, str | None]] = {}
    for report in inspect([target], Settings(region="US")):
        fields[report.path, report.member] = dict(report.columns)
    systems = sorted({path.split("/")[0] for path, _ in fields})
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        name = path.relative_to(target).as_posix()
        canaries = (CANARIES[0], CANARIES[1 + systems.index(name.split("/")[0])])[: 1 if one else 2]
        if path.suffix.lower() == ".zip":
            _plant_zip(path, name, canaries, fields)
        elif path.suffix == ".ndjson":
            _plant_json(path, canaries)
        else:
            text = path.read_bytes().decode("latin-1")  # whatever its encoding, bytes stay bytes
            path.write_bytes(_planted(text, fields[name, ""], canaries).encode("latin-1"))
    return target


def _plant_zip(
    path: Path, name: str, canaries: tuple[Canary, ...], fields: Mapping[tuple[str, str], Mapping[str, str | None]]
) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member).decode("latin-1") for member in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, text in members.items():
            archive.writestr(member, _planted(text, fields[name, member], canaries).encode("latin-1"))


def _planted(text: str, fields: Mapping[str, str | None], canaries: tuple[Canary, ...]) -> str:
    header, *rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows:
        return text
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n" if "\r\n" in text else "\n")
    writer.writerows([header, *rows])
    for canary in canaries:
        writer.writerow(
            [_cell(name, fields.get(name), cell, canary) for name, cell in zip(header, rows[0], strict=True)]
        )
    return out.getvalue()


def _cell(header: str, field: str | None, cell: str, canary: Canary) -> str:
    """The canary's value where a column is about a person, a key of its own, else the first row's cell."""
    meanings = set((field or "").split(", "))
    last = (field or "").rsplit(" ", maxsplit=1)[-1]
    if "email" in header.lower() and "consent" not in (field or "") and "marketing" not in header.lower():
        return canary.email
    if "phones" in meanings:
        return canary.phone
    personal = {
        "given": canary.given, "family": canary.family, "full": f"{canary.given} {canary.family}", "line1": canary.street,
        "whole": f"{canary.street}, {canary.city}", "city": canary.city,
    }  # fmt: skip
    if last in personal:
        return personal[last]
    if "key" in meanings or header in {"Id", "Name"}:
        return f"{cell}77{canary.number}"
    return canary.note if header in {"Note", "Notes", "Memo", "Description", "Customer Name"} else cell


def _plant_json(path: Path, canaries: tuple[Canary, ...]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    first = json.loads(lines[0])
    for canary in canaries:
        row = {**first, "id": first["id"] + 770_000 + canary.number}
        texts = {"name": f"{canary.given} {canary.family}", "email": canary.email, "phone": canary.phone}
        texts |= {"notes": canary.note, "details": canary.note, "subject": canary.note, "description": canary.note}
        row.update({key: text for key, text in texts.items() if key in first})
        lines.append(json.dumps(row, ensure_ascii=False))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def hits(text: str | bytes) -> list[str]:
    """The needles found in a text, or in bytes as UTF-8 and UTF-16."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace") + text.decode("utf-16-le", "replace")
    folded = text.casefold()
    return [needle for needle in NEEDLES if needle in folded]
