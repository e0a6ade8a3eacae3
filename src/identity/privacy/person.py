"""Everything that is held on a person, found in the published generations: the first half of a plan.

Records come from the live generation (a record that split off to somebody else is his now); what these records once
held (an old e-mail, a former street) comes from every kept generation. An identifier that somebody else's record holds
too is his as well: it is neither looked for nor entombed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from identity.engine.sql import load
from identity.engine.warehouse import columns_of, opened
from identity.privacy import words
from identity.privacy.plan import Key, Plan
from identity.privacy.target import Target, match_key, state_files
from identity.settings import Settings
from identity.tables import table

_SHORTEST = 6  # a shorter text is no word that names one person only
_KEYS = pa.schema([("source", pa.string()), ("source_pk", pa.string())])


@dataclass
class Traces:
    """What has been found so far: identifiers by their normal forms, texts by their kind."""

    records: set[Key] = field(default_factory=set)
    events: set[Key] = field(default_factory=set)
    orders: set[Key] = field(default_factory=set)
    identifiers: dict[Key, set[str]] = field(default_factory=dict)
    texts: set[Key] = field(default_factory=set)


def plan(settings: Settings, request_id: str, strategy: str, target: Target) -> Plan:
    """The plan of an erasure without the landed rows, which `privacy.landed` adds."""
    if target.kind == "identifier" and (strategy == "exact" or not target.profiles):
        return _of_value(settings, request_id, strategy, target)
    found = Traces()
    profiles = target.profiles if target.kind != "record" or strategy == "connected" else ()
    with opened(settings.warehouse) as connection:
        found.records |= _records(connection, profiles)
        if target.kind == "record":
            found.records.add((target.key[0], target.key[1]))
        profiles = profiles or _ended(connection, target.profiles, found.records)
    for path in _generations(settings):
        with opened(path) as connection:
            _gather_values(connection, found)
    with opened(settings.warehouse) as connection:
        _leave_to_others(connection, found)
    for path in _generations(settings):
        with opened(path) as connection:
            _gather_events(connection, found, profiles)
    spoken = tuple(sorted(_words(found, settings.region)))
    return Plan(
        request_id, strategy, tuple(profiles), tuple(sorted(found.records)), tuple(sorted(found.events)),
        tuple(sorted(found.orders)), tuple(sorted(found.identifiers)), words=spoken,
    )  # fmt: skip


def values_of(settings: Settings, target: Target) -> Traces:
    """The records and identifiers that a target has now, for the keys of a request."""
    found = Traces()
    if target.kind == "record":
        found.records.add((target.key[0], target.key[1]))
    if target.kind == "identifier":
        found.identifiers[target.key[0], target.key[1]] = set()
    with opened(settings.warehouse) as connection:
        if target.kind != "identifier" or target.profiles:
            found.records |= _records(connection, target.profiles)
            _gather_values(connection, found)
    return found


def _words(found: Traces, region: str | None) -> set[str]:
    """Every text by which the person is told, and nobody else."""
    spoken = {word for _, key in found.records for word in words.of_key(key)}
    for (kind, key), forms in found.identifiers.items():
        spoken |= {word for form in forms for word in words.of_identifier(kind, form, key)}
    for kind, text in found.texts:
        if kind in ("email", "phone"):
            own = (kind, match_key(kind, text, region) or "") in found.identifiers
            spoken |= {text} if own else set()
        else:
            spoken.add(text)
    return {word for word in spoken if len(word) >= _SHORTEST}


def _of_value(settings: Settings, request_id: str, strategy: str, target: Target) -> Plan:
    """An identifier alone: it goes wherever it stands, the records stay."""
    kind, key = target.key
    spoken = {word for word in words.of_identifier(kind, key, key) if word}
    for path in _generations(settings):
        with opened(path) as connection:
            query = "select distinct id_value_norm from std.identifier where id_type = ? and id_match_key = ?"
            for (normal,) in connection.execute(query, [kind, key]).fetchall():
                spoken |= words.of_identifier(kind, normal, key)
    return Plan(request_id, strategy, values=((kind, key),), words=tuple(sorted(spoken or {key.lower()})))


def _generations(settings: Settings) -> list[Path]:
    """The live warehouse first, then the kept generations."""
    return [settings.warehouse, *state_files(settings)]


def _records(connection: duckdb.DuckDBPyConnection, profiles: Sequence[str]) -> set[Key]:
    offer(connection, "wanted_profile", pa.table({"profile_id": pa.array(profiles, pa.string())}))
    connection.execute(load("unify/record_profile")).fetchall()
    connection.execute(load("privacy/erased_record")).fetchall()
    return keys(connection.execute("select source, source_pk from erased_record").fetchall())


def _ended(connection: duckdb.DuckDBPyConnection, profiles: Sequence[str], records: set[Key]) -> tuple[str, ...]:
    """Of these profiles the ones that have no other record."""
    return tuple(
        profile
        for profile in profiles
        if keys(
            connection.execute(
                "select source, source_pk from identity.profile_xref where profile_id = ?", [profile]
            ).fetchall()
        )
        <= records
    )


def _gather_values(connection: duckdb.DuckDBPyConnection, found: Traces) -> None:
    """Add what the records hold in one generation."""
    offer(connection, "erased_record", key_table(found.records))
    for kind, normal, key in connection.execute(load("privacy/identifiers")).fetchall():
        found.identifiers.setdefault((kind, key), set()).add(normal)
    found.texts |= keys(connection.execute(load("privacy/words")).fetchall())


def _leave_to_others(connection: duckdb.DuckDBPyConnection, found: Traces) -> None:
    """Take out what records of others hold now."""
    offer(connection, "erased_record", key_table(found.records))
    offer(connection, "own_identifier", key_table(found.identifiers))
    offer(connection, "own_word", key_table(found.texts))
    for shared in keys(connection.execute(load("privacy/shared_identifiers")).fetchall()):
        del found.identifiers[shared]
    found.texts -= keys(connection.execute(load("privacy/shared_words")).fetchall())


def _gather_events(connection: duckdb.DuckDBPyConnection, found: Traces, profiles: Sequence[str]) -> None:
    """Add the events and orders that one generation has of the person."""
    emails = [key for kind, key in sorted(found.identifiers) if kind == "email"]
    offer(connection, "erased_record", key_table(found.records))
    offer(connection, "wanted_profile", pa.table({"profile_id": pa.array(profiles, pa.string())}))
    offer(connection, "own_email", pa.table({"match_key": pa.array(emails, pa.string())}))
    found.events |= keys(connection.execute(load("privacy/events")).fetchall())
    found.orders |= keys(connection.execute(load("privacy/orders")).fetchall())
    if columns_of(connection, table("gold.household_member")):  # the first versions knew no households
        found.events |= keys(connection.execute(load("privacy/households")).fetchall())


def key_table(rows: Iterable[Key]) -> pa.Table:
    """Keys as a relation of source and source_pk."""
    ordered = sorted(rows)
    columns = [pa.array([row[place] for row in ordered], pa.string()) for place in (0, 1)]
    return pa.table(columns, schema=_KEYS)


def keys(rows: Iterable[tuple[str, str]]) -> set[Key]:
    """Pairs of texts from a result."""
    return {(str(first), str(second)) for first, second in rows}


def offer(connection: duckdb.DuckDBPyConnection, name: str, data: pa.Table) -> None:
    """A temporary table from an Arrow table, in place of an earlier one of the name."""
    connection.register("_offered", data)
    connection.execute(f"create or replace temp table {name} as select * from _offered").fetchall()  # noqa: S608 - ours
    connection.unregister("_offered")
