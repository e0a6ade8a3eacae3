"""Which of the files of a source are its latest delivery, where bytes that were landed before come again.

Of a source that is delivered in full the records that the latest delivery lacks are withdrawn, so it has to be known
which files that delivery was made of. A file says so by standing there now and not the last time. Bytes do not: a
record that was withdrawn and comes back makes an export equal to an earlier one, byte by byte.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
Key = tuple[str, str, str]


def with_arrivals(
    rows: Iterable[Row], before: Iterable[Row], delivered: Collection[Key], number: int, *, is_full: bool
) -> list[Row]:
    """The rows of a source in `raw.file` with `is_present` (in this delivery) and `last_run` (its bytes came).

    `delivered` are sha256, path and member of what stands there now, `before` the source's rows of the last
    generation. Of a source that is not delivered in full bytes come once: an export replayed is no news.
    """
    earlier = {key_of(row): row for row in before}
    last: dict[str, int] = {}
    for (sha256, _, _), row in earlier.items():
        last[sha256] = max(_run_of(row), last.get(sha256, 0))
    placed = [{**row, "is_present": key_of(row) in delivered} for row in rows]
    came = {key[0] for key in _came(placed, earlier)} if is_full else set()
    return [
        {**row, "last_run": number if row["sha256"] in came else last.get(row["sha256"], row["first_run"])}
        for row in placed
    ]


def key_of(row: Row) -> Key:
    """What identifies a row of `raw.file`."""
    return row["sha256"], row["path"], row["member"]


def _came(rows: Iterable[Row], earlier: Mapping[Key, Row]) -> set[Key]:
    """The files of this delivery that belong to the latest full one."""
    present = {key_of(row) for row in rows if row["is_present"]}
    stood = {key for key, row in earlier.items() if row["is_present"] is not False}
    latest = max((_run_of(row) for row in earlier.values()), default=0)
    gone, places = stood - present, {key[1:] for key in present}
    aside = {key[0] for key in gone if key[1:] in places}
    new = {key for key in present - earlier.keys() if key[0] not in aside}
    again = (present & earlier.keys()) - stood
    newest = max((_run_of(earlier[key]) for key in again), default=latest)
    # Several days' exports that come back together are a history, of which the last is the one in force already.
    came = new | {key for key in again if newest < latest and _run_of(earlier[key]) == newest}
    left = {key[1:] for key in gone}
    if any(key[1:] in left for key in came):  # exports of several parts, each overwritten where it changed
        came |= {key for key in present & stood if _run_of(earlier[key]) == latest}
    return came


def _run_of(row: Row) -> int:
    """When a file came last; a generation of an earlier program knows only when it came first."""
    return int(row["last_run"] or row["first_run"])
