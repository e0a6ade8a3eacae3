"""What an erasure is going to remove: worked out once, before anything is changed, and kept until it is done.

The plan is the only place that names the person while the work goes on: a file `<state>/privacy/<request>.json`
(mode 0600) that a killed erasure finds again, and that is gone when the erasure is done.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

Key = tuple[str, str]


@dataclass(frozen=True)
class FileRows:
    """Rows of one landed file by what happens to them.

    `blank` lose everything, of `unlink` the amounts stay, of `redact` (other people's) only what names the person
    goes; `hashes` are theirs before. `lines` are where all of them stand in the delivered file.
    """

    source: str
    sha256: str
    blank: tuple[int, ...] = ()
    unlink: tuple[int, ...] = ()
    redact: tuple[int, ...] = ()
    places: tuple[Key, ...] = ()
    lines: tuple[tuple[int, int], ...] = ()
    hashes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Who and what goes.

    `profiles` end; `records`, `events` and `orders` (source, key) are the person's; `identifiers` (type, match key)
    are nobody else's; `words` are lower-case texts by which the person is told; `values` are identifiers that
    go alone (strategy exact).
    """

    request_id: str
    strategy: str
    profiles: tuple[str, ...] = ()
    records: tuple[Key, ...] = ()
    events: tuple[Key, ...] = ()
    orders: tuple[Key, ...] = ()
    identifiers: tuple[Key, ...] = ()
    values: tuple[Key, ...] = ()
    words: tuple[str, ...] = ()
    files: tuple[FileRows, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is held."""
        return not (self.profiles or self.records or self.values or self.files)


def path_of(state: Path, request_id: str) -> Path:
    """Where the plan of a request stands while it is under way."""
    return state / "privacy" / f"{request_id}.json"


def save(state: Path, plan: Plan) -> None:
    """Keep a plan, readable by its owner only; it appears when whole and is on disk."""
    path = path_of(state, plan.request_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(asdict(plan), stream)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def load(state: Path, request_id: str) -> Plan | None:
    """The plan of an interrupted erasure; None when it had not got that far."""
    path = path_of(state, request_id)
    if not path.is_file():
        return None
    data = json.loads(path.read_text(encoding="utf-8"))
    files = tuple(
        FileRows(
            entry["source"], entry["sha256"], tuple(entry["blank"]), tuple(entry["unlink"]), tuple(entry["redact"]),
            _keys(entry["places"]), tuple((first, last) for first, last in entry["lines"]),
            tuple(entry["hashes"]),
        )
        for entry in data["files"]
    )  # fmt: skip
    keys = {name: _keys(data[name]) for name in ("records", "events", "orders", "identifiers", "values")}
    return Plan(
        data["request_id"], data["strategy"], tuple(data["profiles"]), words=tuple(data["words"]), files=files, **keys
    )


def remove(state: Path, request_id: str) -> None:
    """The last step: nothing names the person any more."""
    path = path_of(state, request_id)
    for place in (path.with_name(path.name + ".partial"), path):
        place.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def _keys(rows: list[list[str]]) -> tuple[Key, ...]:
    return tuple((first, second) for first, second in rows)
