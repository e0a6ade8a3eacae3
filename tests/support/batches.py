"""Link, resolve and unify over deliveries: runs that go on from the run before, beside runs that work all out again."""

import hashlib
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa
import pyarrow.parquet as pq

from identity.runs.lifecycle import PRIOR_TABLES
from identity.runs.run import Run
from identity.stages import link, resolve, unify
from tests.support.tables import AS_OF, fill, make_run

GIVEN = ("ann", "anne", "bert", "carl", "dora", "eva", "ewa", "fritz", "gerd", "hans")
FAMILY = ("smith", "smyth", "meyer", "maier", "olsen", "quackenbush", "lee", "brown", "green")
STREETS = ("mill lane", "high street", "hill road", "park avenue")
CITIES = (("AB1", "york"), ("AB2", "york"), ("CD1", "leeds"))
COMPARED = (
    "match.scored_pair", "match.vector", "match.model", "match.blocking_rule", "match.term_frequency",
    "match.candidate_pair", "match.cluster_member", "match.cluster", "identity.profile_xref", "identity.profile",
    "identity.profile_alias", "identity.profile_event", "steward.review_item", "steward.decision",
    *unify.WRITES,
)  # fmt: skip


@dataclass
class Shop:
    """Records of few names, streets and phones, so that blocks fill up and components grow together and fall apart."""

    chance: random.Random
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    links: set[tuple[str, str]] = field(default_factory=set)
    issued: int = 0
    restated: dict[str, int] = field(default_factory=dict)
    words: list[tuple[str, str, str]] = field(default_factory=list)

    def arrive(self, count: int) -> None:
        for _ in range(count):
            key = f"{self.chance.choice('abc')} {self.chance.randrange(10**6):06d}-{self.issued}"
            self.issued += 1
            twin = self.chance.choice(list(self.records)) if self.records and self.chance.random() < 0.4 else None
            self.records[key] = dict(self.records[twin]) if twin else self.person()
            if twin and self.chance.random() < 0.7:
                self.alter(key)

    def person(self) -> dict[str, Any]:
        pick = self.chance.choice
        some = self.chance.random
        return {
            "name": (pick(GIVEN), pick(FAMILY)) if some() < 0.9 else None,
            "birth": (self.chance.randint(1960, 1975), self.chance.randint(1, 12), self.chance.randint(1, 28))
            if some() < 0.5 else None,
            "email": f"{pick(GIVEN)}{self.chance.randrange(60)}@mail.org" if some() < 0.6 else None,
            "phone": f"+4930{self.chance.randrange(80):08d}" if some() < 0.6 else None,
            "address": (str(self.chance.randint(1, 9)), pick(STREETS), *pick(CITIES)) if some() < 0.6 else None,
        }  # fmt: skip

    def alter(self, key: str) -> None:
        part = self.chance.choice(("name", "birth", "email", "phone", "address"))
        self.records[key] = {**self.records[key], part: self.person()[part]}

    def change(self, count: int) -> None:
        for key in self.chance.sample(sorted(self.records), min(count, len(self.records))):
            self.alter(key)

    def withdraw(self, count: int) -> None:
        for key in self.chance.sample(sorted(self.records), min(count, len(self.records) - 1)):
            del self.records[key]

    def block(self) -> None:
        """A value becomes blocked, or is no longer."""
        values = sorted({person[kind] for person in self.records.values() for kind in ("email", "phone")} - {None})
        self.blocked ^= {self.chance.choice(values)}

    def block_address(self) -> None:
        """An address becomes blocked, or is no longer."""
        places = sorted({"|".join(person["address"]) for person in self.records.values() if person["address"]})
        self.blocked ^= {self.chance.choice(places)}

    def restate(self, count: int) -> None:
        """Records are told of again, with nothing else that matching compares."""
        for key in self.chance.sample(sorted(self.records), min(count, len(self.records))):
            self.restated[key] = self.restated.get(key, 0) + 1

    def say(self) -> None:
        """A steward pins or excludes an e-mail of a record, or takes the last word back."""
        can_undo = self.words and self.words[-1][0] != "undo"
        kind = self.chance.choice(("pin_value", "exclude_value", "undo" if can_undo else "pin_value"))
        self.words.append((kind, *self.chance.choice(sorted(self.records)).split()))

    def link(self) -> None:
        """A source states that two records are one, or takes it back."""
        one, other = self.chance.sample(sorted(self.records), 2)
        self.links = {pair for pair in self.links if self.chance.random() < 0.8} | {(one, other)}

    def write(self, run: Run) -> None:
        """The standardised tables of a run, rows in any order."""
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
        for key, person in self.records.items():
            source, pk = key.split()
            hashed = hashlib.sha256(repr(person).encode()).hexdigest()
            told = self.restated.get(key, 0)
            updated = AS_OF - timedelta(days=crc32(key.encode()) % 50 - told)
            birth = person["birth"]
            rows["std.source_record"].append(
                (source, pk, hashed, *(birth or (None, None, None)), date(*birth) if birth else None, updated)
            )
            if person["name"]:
                title = "Dr" if told % 2 else None
                rows["std.name"].append((source, pk, 0, *person["name"], True, title, *person["name"]))
            for kind in ("email", "phone"):
                if (value := person[kind]) is not None:
                    rows["std.identifier"].append((source, pk, kind, value, value, 0, value in self.blocked))
            if person["address"]:
                house, street, postal, city = person["address"]
                place = "|".join(person["address"])
                rows["std.address"].append(
                    (source, pk, 0, house, street, postal, city, f"{house} {street}", city, postal, place)
                )
        rows["std.hard_link"] = [(*one.split(), *other.split(), "account") for one, other in sorted(self.links)]
        kinds = ((value, "email" if "@" in value else "address" if "|" in value else "phone") for value in self.blocked)
        rows["std.blocked_value"] = [(kind, value) for value, kind in kinds]
        rows["steward.log"], rows["steward.log_record"] = _log(self.words)
        for name, columns in _COLUMNS.items():
            self.chance.shuffle(rows[name])
            fill(run, name, columns, rows[name])


_COLUMNS = {
    "std.source_record": "source source_pk record_hash birth_year birth_month birth_day birth_date source_updated_at",
    "std.name": "source source_pk position given_key family_key is_person title given_name family_name",
    "std.identifier": "source source_pk id_type id_value_norm id_match_key position is_blocked",
    "std.address": "source source_pk position house_number street_key postal_key city_key line1 city postal_code"
    " address_key",
    "std.attribute": "source source_pk name value",
    "std.hard_link": "source source_pk other_source other_pk rule",
    "std.blocked_value": "id_type id_value",
    "steward.log": "number kind decided_by at evidence chain_hash field undoes",
    "steward.log_record": "number position part source source_pk",
}


def _log(words: Sequence[tuple[str, str, str]]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The decision log and its records; an `undo` undoes the entry before."""
    log: list[tuple[Any, ...]] = []
    named: list[tuple[Any, ...]] = []
    for number, (kind, *key) in enumerate(words, 1):
        is_undo = kind == "undo"
        field_undoes = (None, number - 1) if is_undo else ("email", None)
        log.append((number, kind, "Stella", AS_OF, "" if is_undo else "-", str(number), *field_undoes))
        if not is_undo:
            named.append((number, 0, 0, *key))
    return log, named


def next_run(folder: Path, shop: Shop, number: int, log: Mapping[str, pa.Table] | None = None, **settings: Any) -> Run:
    """Run `number` over what the shop holds, after run `number - 1` was published; `log` are decisions' tables."""
    run = make_run(folder, number, **settings)
    shop.write(run)
    for name, rows in (log or {}).items():
        pq.write_table(rows, run.workspace.path(name))
    if number > 1:
        before = run.folder.with_name(f"g{number - 1:06d}-test")
        for name in PRIOR_TABLES:
            path = before / f"{name}.parquet"
            if path.exists():
                shutil.copyfile(path, run.folder / f"prior.{name.split('.')[1]}.parquet")
        fill(run, "prior.run", "run_number run_id verdict", [(number - 1, before.name, "published")])
    return run


def done(run: Run) -> tuple[dict[str, str], dict[str, float]]:
    """Link, resolve and unify; the digests of the tables they wrote, and their figures."""
    figures = {**link.link(run), **resolve.resolve(run), **unify.unify(run)}
    found = {name: run.workspace.path(name) for name in COMPARED}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}, figures


def both_ways(run: Run, number: int) -> tuple[dict[str, str], dict[str, str], dict[str, float]]:
    """The tables of a run that works everything out, of one that goes on from the run before, and its figures."""
    kept = run.folder.with_name(f"g{number - 1:06d}-test") / "spill"
    away = kept.with_name("away")
    kept.rename(away)
    anew, _ = done(run)
    shutil.rmtree(run.folder / "spill")
    away.rename(kept)
    on, figures = done(run)
    return anew, on, figures


def cut(whole: Run, batches: int) -> Run:
    """The records of a run delivered in batches, with its parameters; returns the run of the last batch."""
    last = whole
    for number in range(2, batches + 2):
        run = Run(whole.settings, f"g{number:06d}-test", number, whole.as_of, whole.secret)
        run.folder.mkdir(parents=True)
        for name in (*_COLUMNS, "std.order", "std.consent_event"):
            files = whole.workspace.files(name)
            if not files:
                continue
            rows = pa.concat_tables([pq.read_table(path) for path in files])
            if "source_pk" in rows.column_names:
                keys = rows.column("source_pk").to_pylist()
                rows = rows.filter(pa.array([crc32(key.encode()) % batches <= number - 2 for key in keys], pa.bool_()))
            pq.write_table(rows, run.workspace.path(name))
        for name in PRIOR_TABLES:
            path = last.workspace.path(name)
            if path.exists() and (number > 2 or name.startswith("match.")):
                shutil.copyfile(path, run.folder / f"prior.{name.split('.')[1]}.parquet")
        if number > 2:
            fill(run, "prior.run", "run_number run_id verdict", [(number - 1, last.run_id, "published")])
        done(run)
        last = run
    return last
