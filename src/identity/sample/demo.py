"""What `identity demo` does around the pipeline: exports made once a folder, and figures against their truth."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from identity.engine.warehouse import opened
from identity.runs.workspace import write_atomically
from identity.sample.evaluate import PairFigures, any_shared_contact, household_mixed, pair_figures
from identity.sample.generate import generate
from identity.sample.web import CONFIGURATION

_CONFIGURATION = """\
# How `identity demo` reads the sample: exports of six systems by their headers, web analytics as described here.
inbox = "inbox"
warehouse = "warehouse.duckdb"
region = "US"

[resellers]
tags = ["wholesale"]

"""
AS_OF = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
RUN_AT = datetime(2026, 7, 1, 3, 0)  # noqa: DTZ001 - times of runs are UTC without zone
"""The night after the exports: figures that go with the day are the same whenever the demo is run."""


@dataclass(frozen=True)
class Exports:
    """Where the sample stands: the folder with exports, the truth apart from it, and how the demo reads them."""

    inbox: Path
    truth: Path
    config: Path


@dataclass(frozen=True)
class Comparison:
    """Named pair figures, and the share of profiles with several records that hold two people of a household."""

    rows: tuple[tuple[str, PairFigures], ...]
    household_mixed: float


def prepare(folder: Path, *, people: int, seed: int, say: Callable[[str], None] = lambda _text: None) -> Exports:
    """The sample exports of `people` customers below `folder`, made unless they stand there already.

    Other arguments than last time make new exports and a new warehouse: the old ones are of other people.
    """
    wanted = {"people": people, "seed": seed}
    stamp = folder / "sample.json"
    exports = Exports(folder / "inbox", folder / "truth" / "truth.parquet", folder / "identity.toml")
    if stamp.exists() and exports.config.exists() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
        say(f"sample exports of {people:,} people stand in {exports.inbox}")
        return exports
    if stamp.exists():
        _clear(folder)
    say(f"inventing exports of {people:,} people in {exports.inbox} …")
    generate(folder, people=people, seed=seed, as_of=AS_OF)
    write_atomically(exports.config, _CONFIGURATION + CONFIGURATION)
    write_atomically(stamp, json.dumps(wanted))
    return exports


def compare(warehouse: Path, truth: Path) -> Comparison:
    """Pair figures of the published profiles and of the naive rule "any shared e-mail or phone"."""
    with opened(warehouse) as connection:
        xref = connection.sql("select source, source_pk, profile_id from identity.profile_xref").df()
        contacts = connection.sql(
            "select record.source, record.source_pk, "
            "case when id_type = 'email' then id_value_norm end as email, "
            "case when id_type = 'phone' then id_value_norm end as phone "
            "from std.source_record as record left join std.identifier using (source, source_pk) "
            "order by all"
        ).df()
    known = pd.read_parquet(truth)
    return Comparison(
        (
            ("identity", pair_figures(known, xref)),
            ("any shared e-mail or phone", pair_figures(known, any_shared_contact(contacts))),
        ),
        household_mixed(known, xref),
    )


def _clear(folder: Path) -> None:
    for name in ("inbox", "web", "truth", "warehouse.state"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("sample.json", "identity.toml", "warehouse.duckdb"):
        (folder / name).unlink(missing_ok=True)
