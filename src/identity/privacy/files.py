"""Files below the state folder and exports without a person: run folders, reports, caches, what was exported."""

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from identity.engine.connection import connect
from identity.engine.sql import literal, quote_column
from identity.privacy import words
from identity.privacy.plan import Plan
from identity.privacy.relations import Cleaned, Landed, Shape, Tokens, cleaned, offer_ending, offer_plan
from identity.privacy.requests import Action
from identity.runs.workspace import Workspace, declared, file_sha256, write_atomically
from identity.tables import tables

# What stands in a state folder and is dealt with by name; anything else there is a cache and can be made again.
KNOWN = frozenset(
    {"generations", "landed", "runs", "reports", "privacy", "store.sqlite", "secret.key", "warehouse.duckdb"}
)
_FORMATS = {".parquet": "format parquet, compression zstd", ".csv": "format csv, header true"}


@dataclass(frozen=True)
class Erasing:
    """A plan at work: with what stands for orders, the landed files rewritten before, and the engine's threads."""

    plan: Plan
    tokens: Tokens
    landed: Mapping[str, Landed]
    threads: int


def run_folder(folder: Path, erasing: Erasing) -> Iterator[tuple[list[Action], Path, Path]]:
    """Each table of a run's folder written anew beside itself: what it lacks, the new file and the one it replaces."""
    shutil.rmtree(folder / "spill", ignore_errors=True)
    for leftover in folder.rglob("*.partial"):
        leftover.unlink()
    others = {
        name: _parquet(Workspace(folder).files(name))
        for name in ("identity.profile_xref", "identity.profile", "ops.run", "std.source_record", "steward.log_record")
        if Workspace(folder).files(name)
    }
    with _ready(erasing, others) as connection:
        for path in sorted(folder.rglob("*.parquet")):
            table = path.parent.name if path.parent != folder else path.stem
            known = declared(table)
            relation = _parquet([path])
            key = known.key if known else ()
            shape = Shape(known.name if known else table, _columns(connection, relation), relation, key)
            where = f"runs/{path.relative_to(folder.parent).as_posix()}"
            if shape.name == "match.scored_pair":
                shape = _numbered(shape, others)
            own = {} if table.startswith("prior.") else others
            actions, partial = _rewritten(connection, cleaned(shape, own, erasing.landed), shape, path, where)
            if partial is not None:
                yield actions, partial, path


@contextlib.contextmanager
def _ready(erasing: Erasing, others: Mapping[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that knows the plan."""
    with connect(threads=str(erasing.threads)) as connection:
        connection.execute("set TimeZone = 'UTC'").fetchall()
        offer_plan(connection, erasing.plan, erasing.tokens)
        offer_ending(connection, others)
        yield connection


def _numbered(shape: Shape, others: Mapping[str, str]) -> Shape:
    """Pairs by the numbers of their records: the pairs of the person are taken out, the numbers after him move up."""
    if "std.source_record" not in others:
        return shape
    numbers = (
        "select row_number() over (order by source, source_pk) - 1 as old, e.source_pk is null as stays, "  # noqa: S608
        "(count(*) filter (e.source_pk is null) "
        "over (order by source, source_pk rows unbounded preceding) - 1)::integer "
        f"as new from {others['std.source_record']} as r left join erased_record as e using (source, source_pk)"
    )
    relation = (
        f"(with number as ({numbers}) select pair.* replace (a.new as left_record, b.new as right_record), "  # noqa: S608
        f"not (a.stays and b.stays) as _gone from {shape.relation} as pair "
        "join number as a on a.old = pair.left_record join number as b on b.old = pair.right_record)"
    )
    return Shape("match.scored_pair", shape.columns, relation, shape.key)


def manifest(folder: Path) -> None:
    """Put rows and hashes of the files that were rewritten into the manifest of a run."""
    for path in sorted((folder / "manifest").glob("*.json")):
        entry = json.loads(path.read_text(encoding="utf-8"))
        for written in entry["written"]:
            file = folder / written["file"]
            if file.exists():
                written["rows"], written["sha256"] = pq.read_metadata(file).num_rows, file_sha256(file)
        write_atomically(path, json.dumps(entry, indent=1, sort_keys=True))


def export(path: Path, table: str, erasing: Erasing) -> tuple[list[Action], Path | None]:
    """An export of ours written anew beside itself; no file when the person is not in it."""
    known = tables().get(table)
    types = {column.name: column.type for column in known.columns} if known else {"_row": "BIGINT"}
    with _ready(erasing, {}) as connection:
        if path.suffix == ".parquet":
            relation = _parquet([path])
            columns = _columns(connection, relation)
        else:
            relation, columns = _csv(connection, path, types)
        shape = Shape(f"export of {table}" if table == "identity.profile" else table, columns, relation)
        return _rewritten(connection, cleaned(shape, {}, erasing.landed), shape, path, str(path))


def _csv(
    connection: duckdb.DuckDBPyConnection, path: Path, types: Mapping[str, str]
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """SQL that reads a CSV export of ours, and its columns; lists are text there."""
    read = f"read_csv({literal(str(path))}, all_varchar = true, header = true, allow_quoted_nulls = false)"
    plain = {name: types.get(name, "VARCHAR") for name, _ in _columns(connection, read)}
    columns = {name: "VARCHAR" if kind.endswith("[]") else kind for name, kind in plain.items()}
    casts = ", ".join(f"{quote_column(name)}::{kind} as {quote_column(name)}" for name, kind in columns.items())
    return f"(select {casts} from {read})", tuple(columns.items())  # noqa: S608 - types are ours


def _rewritten(
    connection: duckdb.DuckDBPyConnection, new: Cleaned, shape: Shape, path: Path, where: str
) -> tuple[list[Action], Path | None]:
    """A file without the person, where the person is in it."""
    numbered = "_gone" in shape.relation
    partial = path.with_name(path.name + ".partial")
    removed, query = new.removed, new.query
    if numbered:
        removed = f"select count(*) from {shape.relation} where _gone"  # noqa: S608 - ours
        query = f"select * exclude (_gone) from {shape.relation} where not _gone order by left_record, right_record"  # noqa: S608
    actions = [
        Action(where, shape.name, action, int(connection.execute(counted).fetchall()[0][0]))
        for action, counted in (("removed", removed), ("changed", new.changed))
    ]
    if not numbered and not any(action.rows for action in actions):
        return [], None
    connection.execute(f"copy ({query}) to {literal(str(partial))} ({_FORMATS[path.suffix]})").fetchall()
    return actions, partial


def _parquet(paths: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}], union_by_name = true)"


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[tuple[str, str], ...]:
    described = connection.execute(f"describe select * from {relation}").fetchall()  # noqa: S608 - quoted
    return tuple((str(row[0]), str(row[1])) for row in described)


def names_person(text: str, plan: Plan) -> bool:
    """Whether a page or file of text tells of the person: by a text of his, a profile id or a record's key."""
    pattern = words.compiled(plan.words)
    if pattern is not None and pattern.search(text):
        return True
    keys = (form for source, key in plan.records for form in (f"{source}:{key}", f"{source} {key}", f">{key}<"))
    return any(name in text for name in (*plan.profiles, *keys))


def is_about(answer: Mapping[str, Any], plan: Plan) -> bool:
    """Whether the answer to a request of access is about the person."""
    held = {(row.get("source"), row.get("source_pk")) for row in answer.get("source_records", ())}
    return answer.get("profile_id") in plan.profiles or bool(held & set(plan.records))


def caches(state: Path) -> list[Path]:
    """What stands in the state folder beside what is known there."""
    return [path for path in sorted(state.iterdir()) if path.name.split("-")[0] not in KNOWN and path.name not in KNOWN]
