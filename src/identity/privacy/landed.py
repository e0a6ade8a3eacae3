"""Landed rows of a person: which they are, and the files without them.

A landed file keeps one row for every row that was delivered, with its place and its lines, so that every line and
row stays accounted for (P2, P3): of an erased row nothing else is left, and its disposition is `erased`
(docs/adr/0008-an-erased-row-keeps-its-place.md). Of an order the amounts stay without the person (ADR 0009).
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from identity.engine.sql import literal, load, quote_column
from identity.engine.warehouse import opened
from identity.landing.headers import OWN_COLUMNS
from identity.landing.rowhash import row_hashes
from identity.landing.store import landed_parquet
from identity.privacy import words
from identity.privacy.digests import digest, order_token
from identity.privacy.person import key_table, offer
from identity.privacy.plan import FileRows, Plan
from identity.privacy.relations import Tokens
from identity.runs.places import generation_files, landed_file
from identity.runs.run import Run
from identity.settings import Settings
from identity.sources import registry
from identity.sources.base import Source, base_header, column_name

Mask = npt.NDArray[np.bool_]
_UNKNOWN = Source("unknown", "unknown")


def rows(settings: Settings, plan: Plan) -> tuple[FileRows, ...]:
    """The rows of every landed file that are the person's or name the person; nothing is changed.

    Of the live generation first; after a rollback others are told of by kept generations only.
    """
    known = registry.by_name(settings)
    found: dict[tuple[str, str], FileRows | None] = {}
    for generation in (settings.warehouse, *generation_files(settings.state)[::-1]):
        with opened(generation) as connection:
            further = {key: at for key, at in _told_of(connection).items() if key not in found}
            further = {key: at for key, at in further.items() if landed_file(settings.state, *key).exists()}
            if further:
                offer(connection, "erased_record", key_table(plan.records))
                offer(connection, "erased_key", key_table({*plan.records, *plan.events}))
                offer(connection, "own_order", key_table(plan.orders))
                connection.execute(f"create temp table own_row as {load('privacy/delivered_rows')}").fetchall()
            for (source, sha256), at in further.items():
                path = landed_file(settings.state, source, sha256)
                of_file = _rows_of(connection, path, sha256, known.get(source, _UNKNOWN), plan)
                found[source, sha256] = None
                if of_file is not None:
                    blank, unlink, redact, lines, hashes = of_file
                    found[source, sha256] = FileRows(source, sha256, blank, unlink, redact, at, lines, hashes)
    return tuple(file for _, file in sorted(found.items(), key=itemgetter(0)) if file is not None)


def unreferred(settings: Settings) -> list[Path]:
    """Landed files that no generation tells of: of runs that were killed, or that ended held."""
    known: set[tuple[str, str]] = set()
    for generation in (settings.warehouse, *generation_files(settings.state)):
        with opened(generation) as connection:
            known |= _told_of(connection).keys()
    landed = sorted((settings.state / "landed").glob("*/*.parquet"))
    return [path for path in landed if (path.parent.name, path.stem) not in known]


def _told_of(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """Source and sha256 of the landed files a generation tells of, with the paths and members they came by."""
    files = connection.execute(load("privacy/files")).fetchall()
    return {(source, sha256): tuple((at["path"], at["member"]) for at in places) for source, sha256, places in files}


def _rows_of(
    connection: duckdb.DuckDBPyConnection, path: Path, sha256: str, source: Source, plan: Plan
) -> tuple[Any, ...] | None:
    """blank, unlink, redact, the lines and the hashes of one file; None when the person is not in it."""
    names = pq.read_schema(path).names
    parameters: dict[str, Any] = {"sha256": sha256}
    own, told = _conditions(source, names, plan, parameters)
    query = (
        f"select _row, _line_from, _line_to, {own} as is_own, _hash from read_parquet({literal(str(path))}) as landed "  # noqa: S608
        f"where _hash is not null and ({own} or {told}) order by _row"
    )
    hits = connection.execute(query, parameters).fetchall()
    if not hits:
        return None
    redact = _of_others(connection, path, sha256, source, [row[0] for row in hits if not row[3]], plan)
    mine = tuple(row[0] for row in hits if row[0] not in redact)
    blank, unlink = ((), mine) if source.accounting else (mine, ())
    lines = tuple((row[1], row[2]) for row in hits)
    return blank, unlink, tuple(sorted(redact)), lines, tuple(row[4] for row in hits if row[0] in redact)


def rows_of_orders(path: Path, source: Source, orders: Iterable[str]) -> set[int]:
    """The rows of a landed file that tell of one of these orders."""
    headers = _headers(pq.read_schema(path).names, source.order_keys[:1])
    if not headers or not (wanted := set(orders)):
        return set()
    table = pq.read_table(path, columns=["_row", *headers])
    return {
        row["_row"]
        for row in table.to_pylist()
        if any(str(row[header]).strip().strip("'") in wanted for header in headers if row[header] is not None)
    }


def _conditions(source: Source, names: list[str], plan: Plan, parameters: dict[str, Any]) -> tuple[str, str]:
    """SQL that says whether a row is the person's, and whether it holds a text that names the person."""
    own = ["exists (select 1 from own_row where own_row.sha256 = $sha256 and own_row.row_number = landed._row)"]
    prefix = f"{source.prefix}_" if source.prefix else ""
    for column in _headers(names, source.order_keys[:1]):
        parameters["orders"] = prefix + source.order_object if source.order_object else source.name
        own.append(f"({_bare(column)}) in (select source_pk from own_order where source = $orders)")  # noqa: S608
    for number, (header, holder) in enumerate(sorted(source.persons.items())):
        for column in _headers(names, (header,)):
            parameters[f"holder{number}"] = prefix + holder if not holder.startswith(prefix) else holder
            own.append(f"({_bare(column)}) in (select source_pk from erased_record where source = $holder{number})")  # noqa: S608
    texts = [quote_column(name) for name in names if name not in OWN_COLUMNS]
    told = "false"
    if texts and (text := words.pattern(plan.words)) is not None:
        parameters["pattern"] = text
        told = f"regexp_matches(concat_ws(chr(31), {', '.join(texts)}), $pattern)"
    return f"({' or '.join(own)})", told


def _bare(column: str) -> str:
    return f"trim(trim({quote_column(column)}), '''')"


def _headers(names: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """The delivered headers that mean these columns."""
    chosen = {column_name(name) for name in wanted}
    return [name for name in names if name not in OWN_COLUMNS and column_name(base_header(name)) in chosen]


def _of_others(
    connection: duckdb.DuckDBPyConnection, path: Path, sha256: str, source: Source, suspects: list[int], plan: Plan
) -> set[int]:
    """Of rows that only hold a text of the person those that are somebody else's, or an event that mentions it."""
    if plan.values or not suspects:
        return set(suspects)
    rows = pa.table(
        {"sha256": pa.repeat(pa.scalar(sha256), len(suspects)), "row_number": pa.array(suspects, pa.int64())}
    )
    offer(connection, "suspect", rows)
    found = connection.execute(load("privacy/live_rows")).fetchall()
    others = {row for _, row, is_live, _ in found if is_live}
    events = [row for _, row, is_live, is_event in found if is_event and not is_live]
    return others | _mentions(path, source, events, plan)


def _mentions(path: Path, source: Source, events: list[int], plan: Plan) -> set[int]:
    """Events that hold the text somewhere else than where they name their person."""
    pattern = words.compiled(plan.words)
    if not events or pattern is None:
        return set()
    naming = (
        *(header for header, kind in source.typed.items() if kind in ("email", "phone")),
        "email",
        "email address",
    )
    table = pq.read_table(path, filters=[("_row", "in", events)])
    columns = _headers(table.column_names, naming)
    return {
        row["_row"]
        for row in table.to_pylist()
        if not any(pattern.search(str(row[column] or "")) for column in columns)
    }


@dataclass(frozen=True)
class Words:
    """The texts that name a person; with `whole` the text around one goes, too."""

    texts: tuple[str, ...]
    whole: bool

    @cached_property
    def pattern(self) -> "re.Pattern[str] | None":
        """The pattern that finds them."""
        return words.compiled(self.texts)


def rewrite(path: Path, file: FileRows, source: Source | None, told: Words, secret: bytes) -> Path:
    """Write the file without the person beside it as `.partial`; the caller puts it in place."""
    chosen = source or _UNKNOWN
    sets = {name: np.array(getattr(file, name), dtype=np.int64) for name in ("blank", "unlink", "redact")}
    partial = path.with_name(path.name + ".partial")
    with pq.ParquetFile(path) as old, landed_parquet(partial, old.schema_arrow) as new:
        for group in range(old.num_row_groups):
            table = old.read_row_group(group)
            numbers = table.column("_row").to_numpy()
            masks = {name: np.isin(numbers, values) for name, values in sets.items()}
            new.write_table(_without(table, masks, chosen, told, secret), row_group_size=max(table.num_rows, 1))
    return partial


def _without(table: pa.Table, masks: Mapping[str, Mask], source: Source, told: Words, secret: bytes) -> pa.Table:
    """Rows of one group with their masks applied."""
    changed = masks["blank"] | masks["unlink"] | masks["redact"]
    if not changed.any():
        return table
    kept = set(_headers(table.column_names, source.accounting))
    keys = set(_headers(table.column_names, source.order_keys))
    columns = {}
    for name in table.column_names:
        values = table.column(name)
        if name in OWN_COLUMNS:
            columns[name] = values
            continue
        emptied = masks["blank"] if name in kept | keys else masks["blank"] | masks["unlink"]
        values = pc.if_else(pa.array(emptied), pa.scalar(None, values.type), values)
        if name in keys:
            values = _each(values, masks["unlink"], lambda text: order_token(secret, text.strip().strip("'")))
        if (pattern := told.pattern) is not None:
            named = masks["unlink"] | masks["redact"]
            values = _each(values, named, functools.partial(redacted, pattern=pattern, whole=told.whole))
        columns[name] = values
    hashes = row_hashes(pa.table({name: values for name, values in columns.items() if name not in OWN_COLUMNS}))
    columns["_hash"] = pc.if_else(pa.array(changed), hashes, table.column("_hash"))
    columns["_hash"] = pc.if_else(pa.array(masks["blank"]), pa.scalar(None, pa.string()), columns["_hash"])
    return pa.table(columns, schema=table.schema)


def redacted(text: str, pattern: "re.Pattern[str]", *, whole: bool) -> str | None:
    """A text without what names the person; None when nothing else is left.

    What stands around a name is about the person, too: with `whole` such a text is gone altogether.
    """
    if not pattern.search(text):
        return text
    marked = text
    for _ in range(2):  # two words side by side share the sign between them
        marked = pattern.sub(rf"\1{re.escape(words.MARK)}\2".replace("\\[", "[").replace("\\]", "]"), marked)
    if marked.strip() == words.MARK:
        return None
    return words.MARK if whole else marked


def _each(values: pa.ChunkedArray, mask: Mask, change: Callable[[str], str | None]) -> pa.ChunkedArray:
    """Some texts changed one by one."""
    places = np.flatnonzero(mask)
    texts = values.take(pa.array(places)).to_pylist()
    new = [None if text is None else change(text) for text in texts]
    if new == texts:
        return values
    return pc.replace_with_mask(values.combine_chunks(), pa.array(mask), pa.array(new, values.type))


def still_delivered(
    settings: Settings, files: Iterable[FileRows]
) -> list[tuple[Path, str, tuple[tuple[int, int], ...]]]:
    """Delivered files that still stand in the inbox and hold the person: path, archive member, lines."""
    roots = [settings.inbox] if settings.inbox else []
    found = []
    for file in files:
        for path, member in file.places:
            for root in (*roots, settings.base_dir):
                if (place := root / path).is_file():
                    found.append((place, member, file.lines))
                    break
    return sorted(set(found))


def tokens(settings: Settings, plan: Plan, secret: bytes) -> Tokens:
    """What stands for the person's orders, read from the landed files already rewritten."""
    known = registry.by_name(settings)
    orders = tuple((source, order_id, order_token(secret, order_id)) for source, order_id in plan.orders)
    found = []
    for file in plan.files:
        source, path = known.get(file.source), landed_file(settings.state, file.source, file.sha256)
        if file.unlink and source is not None and path.exists():
            headers = _headers(pq.read_schema(path).names, source.order_keys[:1])
            table = pq.read_table(path, columns=["_row", *headers], filters=[("_row", "in", list(file.unlink))])
            found += [(file.sha256, row["_row"], row[headers[0]] if headers else "") for row in table.to_pylist()]
    return Tokens(orders, tuple(found))


def stones(plan: Plan, secret: bytes) -> set[tuple[str, str, str | None]]:
    """The tombstones of an erasure: keyed digests of every record, event, order, identifier, and of redacted rows."""
    found = {("record", digest(secret, "record", *key)) for key in (*plan.records, *plan.events)}
    found |= {("order", digest(secret, "order", *key)) for key in plan.orders}
    found |= {(kind, digest(secret, kind, key)) for kind, key in plan.identifiers}
    found |= {("value", digest(secret, kind, key)) for kind, key in plan.values}
    rows = {
        ("row", digest(secret, "row", row_hash), f"{file.source}/{file.sha256}/{row}")
        for file in plan.files
        for row, row_hash in zip(file.redact, file.hashes, strict=True)
    }
    return {(kind, stone, None) for kind, stone in found} | rows


def put_again(run: Run, path: Path, known: Mapping[str, str]) -> int:
    """Rows that were delivered before and lost words about an erased person then: put what was left of them in place.

    `known` gives, by the digest of a row's content, the landed row that stands for it. Returns how many there were.
    """
    if not known:
        return 0
    hashes = pq.read_table(path, columns=["_row", "_hash"]).to_pylist()
    found = {
        row["_row"]: place
        for row in hashes
        if row["_hash"] and (place := known.get(digest(run.secret, "row", row["_hash"])))
    }
    if not found:
        return 0
    rows = pq.read_table(path).to_pylist()
    for row in rows:
        source, sha256, number = found.get(row["_row"], "//").split("/")
        kept = run.landed_file(source, sha256)
        if number and kept.exists():
            (left,) = pq.read_table(kept, filters=[("_row", "==", int(number))]).to_pylist()
            own = {name: row[name] for name in ("_sha256", "_row", "_line_from", "_line_to")}
            row.update({name: left.get(name) for name in row} | own)
    partial = path.with_name(path.name + ".partial")
    schema = pq.read_schema(path)
    with landed_parquet(partial, schema) as new:
        new.write_table(pa.Table.from_pylist(rows, schema=schema))
    partial.replace(path)
    return len(found)
