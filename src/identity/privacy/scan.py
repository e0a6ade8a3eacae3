"""The proof: after an erasure every file below the state folder, the warehouse and the exports are searched.

Tables are opened and every text in them is looked at, since engines compress; all other files, and the bytes of the
tables themselves, are searched for the longest of the person's texts in plain form.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from identity.engine.connection import connect
from identity.engine.sql import literal, quote, quote_column
from identity.privacy import words
from identity.privacy.plan import Plan

_BLOCK = 1 << 24
_MOST = 24  # texts searched for in raw bytes


@dataclass(frozen=True)
class Scan:
    """How much was searched, and where something was still found: (file, table or `bytes`, hits)."""

    files: int
    tables: int
    bytes: int
    found: tuple[tuple[str, str, int], ...] = ()


def scan(paths: Iterable[Path], plan: Plan) -> Scan:
    """Search files for a person; a file that is gone is none."""
    pattern, searched = words.pattern(plan.words), [word.encode() for word in needles(plan)]
    files = tables = size = 0
    found: list[tuple[str, str, int]] = []
    with connect() as connection:
        for path in paths:
            if not path.is_file():
                continue
            files, size = files + 1, size + path.stat().st_size
            if path.suffix in (".duckdb", ".parquet") and pattern is not None:
                looked_at = list(_tables(connection, path, pattern))
                tables += len(looked_at)
                found += [(str(path), name, hits) for name, hits in looked_at if hits]
            hits = _in_bytes(path, searched)
            if hits:
                found.append((str(path), "bytes", hits))
    return Scan(files, tables, size, tuple(found))


def files_below(folder: Path, *apart: Path) -> Iterator[Path]:
    """Every file of a folder but those below some others."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(place) for place in apart):
            yield path


def needles(plan: Plan) -> list[str]:
    """The longest texts, in lower case."""
    chosen = sorted((word for word in plan.words if len(word) >= 8), key=lambda word: (-len(word), word))
    return chosen[:_MOST]


def _in_bytes(path: Path, needles: Sequence[bytes]) -> int:
    """How many of the texts stand in the bytes of a file as whole words."""
    seen: set[bytes] = set()
    tail = b""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            text = (tail + block).lower()
            seen |= {needle for needle in needles if needle not in seen and _stands_in(text, needle)}
            tail = text[-256:]
    return len(seen)


def _stands_in(text: bytes, needle: bytes) -> bool:
    place = text.find(needle)
    while place >= 0:
        before, after = text[place - 1 : place] if place else b" ", text[place + len(needle) : place + len(needle) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        place = text.find(needle, place + 1)
    return False


def _tables(connection: duckdb.DuckDBPyConnection, path: Path, pattern: str) -> Iterator[tuple[str, int]]:
    """Rows of each table of a file that hold a text of the person."""
    if path.suffix == ".parquet":
        yield from _hits(connection, [(path.stem, f"read_parquet({literal(str(path))})")], pattern)
        return
    connection.execute(f"attach {literal(str(path))} as held (read_only)").fetchall()
    listed = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'held'"
    ).fetchall()
    yield from _hits(connection, [(row[0], f"held.{quote(row[0])}") for row in listed], pattern)
    connection.execute("detach held").fetchall()


def _hits(
    connection: duckdb.DuckDBPyConnection, relations: Iterable[tuple[str, str]], pattern: str
) -> Iterator[tuple[str, int]]:
    for name, relation in relations:
        described = connection.execute(f"describe select * from {relation}").fetchall()  # noqa: S608 - quoted
        texts = [f"{quote_column(row[0])}::varchar" for row in described if str(row[1]).startswith("VARCHAR")]
        if texts:
            query = (
                f"select count(*) from {relation} "  # noqa: S608 - names from the catalogue
                f"where regexp_matches(concat_ws(chr(31), {', '.join(texts)}), $pattern)"
            )
            yield name, int(connection.execute(query, {"pattern": pattern}).fetchall()[0][0])
