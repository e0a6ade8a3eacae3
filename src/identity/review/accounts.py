"""Accounts of the review application: people with roles, hashed passwords, sessions, failed logins.

Passwords are kept as Argon2id hashes, session tokens as SHA-256 digests. A role is always the account's: a proxy or
Airflow says who somebody is, never what he may do.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from functools import cache

import sqlalchemy as sa

from identity.errors import ConfigurationError
from identity.runs import lease
from identity.runs.review_tables import review_attempt_table, review_session_table, review_user_table

SHORTEST_PASSWORD = 10
_ATTEMPTS = 5
_WINDOW = timedelta(minutes=15)


class Role(IntEnum):
    """What somebody may do; each may also do what those before may."""

    VIEWER = 1
    STEWARD = 2
    ADMIN = 3


@dataclass(frozen=True)
class Account:
    """A person who may open the application."""

    name: str
    role: Role
    shows_values: bool = False


def add(store: sa.Engine, name: str, role: Role, password: str | None) -> None:
    """Add an account, or give it a new role and password; its sessions end.

    Without a password the person can only come through a proxy or Airflow. Raises ConfigurationError for a name or
    password that will not do.
    """
    if name != name.strip() or not 1 <= len(name) <= 100 or not name.isprintable():
        raise ConfigurationError("NAME: give 1 to 100 printable characters")
    if password is not None and len(password) < SHORTEST_PASSWORD:
        raise ConfigurationError(f"the password is shorter than {SHORTEST_PASSWORD} characters")
    row = {
        "role": role.name.lower(),
        "password": _hashed(password) if password is not None else None,
        "since": lease.now(),
        "shows_values": False,
    }
    with store.begin() as connection:
        connection.execute(sa.delete(review_session_table).where(review_session_table.c.name == name))
        connection.execute(sa.delete(review_user_table).where(review_user_table.c.name == name))
        connection.execute(sa.insert(review_user_table).values(name=name, **row))


def remove(store: sa.Engine, name: str) -> None:
    """Remove an account and end its sessions; raises ConfigurationError when there is none."""
    with store.begin() as connection:
        connection.execute(sa.delete(review_session_table).where(review_session_table.c.name == name))
        gone = connection.execute(sa.delete(review_user_table).where(review_user_table.c.name == name)).rowcount
    if not gone:
        raise ConfigurationError(f"{name}: no such account; `identity review --users` lists them")


def everybody(store: sa.Engine) -> list[Account]:
    """All accounts by name."""
    with store.connect() as connection:
        rows = connection.execute(sa.select(review_user_table).order_by(review_user_table.c.name)).mappings().all()
    return [_account(row) for row in rows]


def find(store: sa.Engine, name: str) -> Account | None:
    """The account of this name."""
    query = sa.select(review_user_table).where(review_user_table.c.name == name)
    with store.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return _account(row) if row is not None else None


def show_values(store: sa.Engine, name: str, *, shown: bool) -> None:
    """Whether pages show this person values in full; which is logged page by page."""
    changed = sa.update(review_user_table).where(review_user_table.c.name == name).values(shows_values=shown)
    with store.begin() as connection:
        connection.execute(changed)


def logged_in(store: sa.Engine, secret: bytes, name: str, password: str, address: str) -> Account | None:
    """The account whose password this is; None also when there were too many failures of late.

    A name nobody has costs the same time as a wrong password. Failures count by name and by address.
    """
    subjects = [_subject(secret, "name", name), _subject(secret, "address", address)]
    if _too_many(store, subjects):
        return None
    query = sa.select(review_user_table.c.password).where(review_user_table.c.name == name)
    with store.connect() as connection:
        known = connection.execute(query).scalar_one_or_none()
    if _fits(known or _nobody(), password) and known:
        _forget(store, subjects[0])
        return find(store, name)
    with store.begin() as connection:
        rows = [{"subject": subject, "at": lease.now()} for subject in subjects]
        connection.execute(sa.insert(review_attempt_table), rows)
    return None


def _too_many(store: sa.Engine, subjects: list[str]) -> bool:
    since = lease.now() - _WINDOW
    table = review_attempt_table
    with store.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.at < since))
        counts = [
            connection.execute(sa.select(sa.func.count()).where(table.c.subject == subject)).scalar_one()
            for subject in subjects
        ]
    return counts[0] >= _ATTEMPTS or counts[1] >= 4 * _ATTEMPTS  # behind one address there may be an office


def _forget(store: sa.Engine, subject: str) -> None:
    with store.begin() as connection:
        connection.execute(sa.delete(review_attempt_table).where(review_attempt_table.c.subject == subject))


def _subject(secret: bytes, kind: str, text: str) -> str:
    return hmac.new(secret, f"login\0{kind}\0{text}".encode(), hashlib.sha256).hexdigest()


def open_session(store: sa.Engine, name: str, hours: int) -> str:
    """A new session's token, for the cookie; sessions that ran out are cleared away."""
    token = secrets.token_urlsafe(32)
    moment = lease.now()
    with store.begin() as connection:
        connection.execute(sa.delete(review_session_table).where(review_session_table.c.expires_at < moment))
        row = {"digest": digest(token), "name": name, "since": moment, "expires_at": moment + timedelta(hours=hours)}
        connection.execute(sa.insert(review_session_table).values(row))
    return token


def of_session(store: sa.Engine, token: str) -> Account | None:
    """The account whose session this token opened, while it lasts."""
    user, session = review_user_table, review_session_table
    query = (
        sa.select(user)
        .join(session, session.c.name == user.c.name)
        .where(session.c.digest == digest(token), session.c.expires_at > lease.now())
    )
    with store.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return _account(row) if row is not None else None


def end_session(store: sa.Engine, token: str) -> None:
    """Log out."""
    with store.begin() as connection:
        connection.execute(sa.delete(review_session_table).where(review_session_table.c.digest == digest(token)))


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _account(row: sa.RowMapping) -> Account:
    return Account(row["name"], Role[row["role"].upper()], bool(row["shows_values"]))


@cache
def _nobody() -> str:
    """A hash that nothing typed fits, so that a name nobody has takes as long as a wrong password."""
    return _hashed(secrets.token_urlsafe(32))


def _hashed(password: str) -> str:
    from argon2 import PasswordHasher

    hashed: str = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1).hash(password)
    return hashed


def _fits(known: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return bool(PasswordHasher().verify(known, password))
    except (VerificationError, InvalidHashError):
        return False
