"""Who is meant: a record (`source:key`), a profile id, or an identifier (`email:…`, `phone:…`, `<id type>:…`).

No message repeats what was typed, since it may be an e-mail: it says of which kind it was and what was found.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from identity.engine.sql import load
from identity.engine.warehouse import opened
from identity.errors import ConfigurationError
from identity.privacy.digests import digest, value_digest
from identity.runs.places import generation_files
from identity.settings import Settings
from identity.standard.emails import parse_email
from identity.standard.phones import parse_phone

Kind = Literal["record", "profile", "identifier"]


@dataclass(frozen=True)
class Target:
    """What was named.

    `key` is (source, key), (profile id,) or (id type, match key); `profiles` are the active ones it means.
    """

    kind: Kind
    key: tuple[str, ...]
    profiles: tuple[str, ...]

    @property
    def plain(self) -> str:
        """The target in one text, for its digest."""
        return "\x1f".join((self.kind, *self.key))


def find(settings: Settings, text: str, profile: str | None = None) -> Target:
    """The target that a text names in the published warehouse, narrowed to `profile` where several hold it.

    Raises ConfigurationError where there is no warehouse, the text has none of the forms, nothing is known under
    it, or an identifier is shared by several profiles and none of them was chosen.
    """
    if not settings.warehouse.exists():
        raise ConfigurationError(f"{settings.warehouse}: no warehouse there yet; `identity run` publishes one")
    with opened(settings.warehouse) as connection:
        target = _read(connection, text, settings.region)
    if profile is not None:
        if profile not in target.profiles:
            raise ConfigurationError(f"--profile {profile}: the {target.kind} does not belong to that profile")
        return Target(target.kind, target.key, (profile,))
    if len(target.profiles) > 1:
        raise ConfigurationError(
            f"the {target.kind} is shared by {len(target.profiles)} profiles ({', '.join(target.profiles[:10])}); "
            "say whose request it is by --profile ID"
        )
    return target


def _read(connection: duckdb.DuckDBPyConnection, text: str, region: str | None) -> Target:
    known = connection.execute(load("privacy/current_profile"), {"profile_id": text}).fetchall()
    if known:
        profile_id, status = known[0]
        if status == "erased":
            raise ConfigurationError(f"profile {text} was erased: nothing is held of it but its id")
        return Target("profile", (text,), (str(profile_id),))
    kind, colon, value = text.partition(":")
    if not colon or not value.strip():
        raise ConfigurationError("name a person by source:key, a profile id, email:…, phone:… or <id type>:…")
    types = {row[0] for row in connection.execute("select distinct id_type from std.identifier").fetchall()}
    if kind in types | {"email", "phone"}:
        return _identifier(connection, kind, value, region)
    query = "select profile_id from identity.profile_xref where source = ? and source_pk = ?"
    held = connection.execute(query, [kind, value]).fetchall()
    if (
        not held
        and not connection.execute(
            "select 1 from std.row_disposition where source = ? and source_pk = ? limit 1", [kind, value]
        ).fetchall()
    ):
        raise ConfigurationError(f"nothing is held under that key of {kind}; `identity status` names what is published")
    return Target("record", (kind, value), tuple(str(row[0]) for row in held))


def _identifier(connection: duckdb.DuckDBPyConnection, kind: str, value: str, region: str | None) -> Target:
    key = match_key(kind, value, region)
    if key is None:
        raise ConfigurationError(f"that is no {kind}; write it whole, a phone with its country code")
    named = {"id_type": kind, "match_key": key}
    held = connection.execute(load("privacy/holders"), named).fetchall()
    return Target("identifier", (kind, key), tuple(str(row[0]) for row in held))


def match_key(kind: str, value: str, region: str | None) -> str | None:
    """An identifier as `std.identifier.id_match_key` has it; None when the text is none of its kind."""
    if kind == "email":
        email = parse_email(value)
        return email.match_key if email else None
    if kind == "phone":
        phone = parse_phone(value, region)
        return (phone.e164 or phone.national) if phone else None
    from identity.standardising.contacts import bare_id

    return bare_id(kind, value)


def carried_on(settings: Settings, profile_id: str) -> list[str]:
    """The profile id and, where it was merged, the id that carries it on."""
    with opened(settings.warehouse) as connection:
        found = connection.execute(load("privacy/current_profile"), {"profile_id": profile_id}).fetchall()
    return sorted({profile_id, *(str(row[0]) for row in found)})


def by_digest(settings: Settings, secret: bytes, records: set[str], values: set[str]) -> Target | None:
    """The record or identifier that one of these digests stands for; None when nothing published has it."""
    with opened(settings.warehouse) as connection:
        for source, source_pk in connection.execute(
            "select distinct source, source_pk from std.row_disposition where source_pk is not null"
        ).fetchall():
            if digest(secret, "record", source, source_pk) in records:
                return _read(connection, f"{source}:{source_pk}", settings.region)
        for kind, key in connection.execute("select distinct id_type, id_match_key from std.identifier").fetchall():
            if value_digest(secret, key) in values:
                return _identifier(connection, kind, key, settings.region)
    return None


def state_files(settings: Settings) -> list[Path]:
    """Every kept generation, newest first."""
    return generation_files(settings.state)[::-1]
