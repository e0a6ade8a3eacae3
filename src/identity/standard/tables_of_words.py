"""Reads the word lists in `standard/data`: nicknames, titles, suffixes, street words, countries, regions."""

import csv
from functools import cache
from importlib.resources import files


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of a word list (`data/<name>.csv`, comments start with `#`), in file order."""
    text = files("identity.standard").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(csv.DictReader(lines))


@cache
def mapping(name: str, key: str, value: str) -> dict[str, str]:
    """Return two columns of a word list as a dictionary."""
    return {row[key]: row[value] for row in rows(name)}
