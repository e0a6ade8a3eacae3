"""What stewards leave beside the decision log: comments, assignments, opinions on samples, who saw what."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from identity.errors import ConfigurationError
from identity.runs import lease
from identity.runs.review_tables import (
    review_assignment_table,
    review_comment_table,
    review_opinion_table,
    review_unmasking_table,
)
from identity.stewardship.decisions import Key
from identity.stewardship.outcome import written

LONGEST = 2000
Rows = list[dict[str, Any]]


def comment(store: sa.Engine, item_id: str, records: Iterable[Key], author: str, text: str) -> None:
    """Add a comment to a case; raises ConfigurationError for an empty or overlong one."""
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise ConfigurationError(f"a comment has 1 to {LONGEST:,} characters")
    row = {
        "item_id": item_id,
        "records": json.dumps([written(record) for record in records]),
        "author": author,
        "at": lease.now(),
        "text": words,
    }
    with store.begin() as connection:
        connection.execute(sa.insert(review_comment_table).values(row))


def comments(store: sa.Engine, item_id: str) -> Rows:
    """The comments of a case, oldest first."""
    table = review_comment_table
    return _rows(store, sa.select(table).where(table.c.item_id == item_id).order_by(table.c.number))


def assign(store: sa.Engine, item_id: str, assignee: str | None, due: date | None, by: str) -> None:
    """Say who is to look at a case, until when; without both the case is anybody's again."""
    table = review_assignment_table
    with store.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.item_id == item_id))
        if assignee or due:
            row = {"item_id": item_id, "assignee": assignee, "due": due, "assigned_by": by, "at": lease.now()}
            connection.execute(sa.insert(table).values(row))


def assignments(store: sa.Engine) -> dict[str, dict[str, Any]]:
    """Who is to look at which case."""
    return {row["item_id"]: row for row in _rows(store, sa.select(review_assignment_table))}


def give_opinion(store: sa.Engine, item_id: str, reviewer: str, verdict: str, of: tuple[str, int]) -> None:
    """Record what a reviewer says of a sampled pair, in place of what he said before; `of` is (stratum, run)."""
    table = review_opinion_table
    row = {"item_id": item_id, "reviewer": reviewer, "verdict": verdict, "stratum": of[0], "run_number": of[1]}
    with store.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.item_id == item_id, table.c.reviewer == reviewer))
        connection.execute(sa.insert(table).values(at=lease.now(), **row))


def take_back_opinion(store: sa.Engine, item_id: str, reviewer: str) -> int:
    """Take an opinion back; answers how many there were."""
    table = review_opinion_table
    with store.begin() as connection:
        return connection.execute(
            sa.delete(table).where(table.c.item_id == item_id, table.c.reviewer == reviewer)
        ).rowcount


def opinions(store: sa.Engine) -> dict[str, dict[str, str]]:
    """Verdicts by case and reviewer."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows(store, sa.select(review_opinion_table)):
        found.setdefault(row["item_id"], {})[row["reviewer"]] = row["verdict"]
    return found


def saw(store: sa.Engine, name: str, page: str, subject: str) -> None:
    """Log that a page showed somebody values in full."""
    row = {"name": name, "at": lease.now(), "page": page, "subject": subject[:60]}
    with store.begin() as connection:
        connection.execute(sa.insert(review_unmasking_table).values(row))


def seen(store: sa.Engine, limit: int = 500) -> Rows:
    """The latest entries of who saw values in full."""
    table = review_unmasking_table
    return _rows(store, sa.select(table).order_by(table.c.number.desc()).limit(limit))


def _rows(store: sa.Engine, query: sa.Select[Any]) -> Rows:
    with store.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
