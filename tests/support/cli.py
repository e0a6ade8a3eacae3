"""The command line as users meet it: in this process, or as a process of its own."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from typer.testing import CliRunner, Result

from identity.cli import app

AS_OF = "2026-07-01T03:00:00"


def invoke(*arguments: object, environment: dict[str, str] | None = None) -> Result:
    """Run a command in this process; an exception that is no exit is a failure of the test."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def start(*arguments: object, environment: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "identity", *(str(argument) for argument in arguments)],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def write_rows(path: Path, header: str, rows: Iterable[Sequence[object]]) -> Path:
    """A CSV file from a header line and rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header.split(","), *rows])
    return path


_GIVEN = [
    "Abigail",
    "Bernard",
    "Cordelia",
    "Dmitri",
    "Eleanor",
    "Fergus",
    "Gwendolyn",
    "Horatio",
    "Ingrid",
    "Jasper",
    "Katherine",
    "Leopold",
    "Marguerite",
    "Nathaniel",
    "Ophelia",
    "Percival",
    "Quentin",
    "Rosalind",
    "Sebastian",
    "Theodora",
    "Ulysses",
    "Veronica",
    "Wolfgang",
    "Ximena",
    "Yolanda",
    "Zachary",
]
_FAMILY = [
    "Ashworth",
    "Blackburn",
    "Carmichael",
    "Delacroix",
    "Ellsworth",
    "Fitzgerald",
    "Goldstein",
    "Huntington",
    "Ivanovich",
    "Jankowski",
    "Kingsley",
    "Lindqvist",
    "Montgomery",
    "Nakamura",
    "Oppenheimer",
    "Papadopoulos",
    "Quigley",
    "Rodriguez",
    "Sutherland",
    "Thibodeaux",
    "Underwood",
    "Valenzuela",
    "Whitfield",
    "Xenakis",
    "Youngblood",
    "Zimmermann",
]


def people(count: int, first: int = 0) -> list[tuple[object, ...]]:
    """Clearly different people as (id, first, last, mail, phone)."""
    found = []
    for n in range(first, first + count):
        given, family = _GIVEN[n % len(_GIVEN)], _FAMILY[(n * 5 + n // len(_GIVEN)) % len(_FAMILY)]
        mail = f"{given[:3]}.{family}.{n * 7919 % 9973}@harbor-mail.org".lower()
        found.append((f"r{n:04d}", given, family, mail, f"({201 + n % 9}) 555-{n * 6113 % 9000 + 1000}"))
    return found
