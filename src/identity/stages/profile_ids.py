"""Stable profile ids: which earlier id each cluster carries on, and what happened to the others.

Every earlier profile goes home to the cluster with most of its records; a cluster carries on the oldest
profile that came home to it and the others become aliases; a cluster nobody came home to gets a new id,
marked `split_from` when its records belonged to a profile before (DESIGN.md decision 10). Records that once came
to a profile by a merge and leave it together take their former id with them: it lives again.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from identity.runs.keyed import keyed_digests
from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session

PRIOR = ("prior.profile_xref", "prior.profile", "prior.profile_event", "prior.profile_alias", "prior.source_record")
STEERING = ("prior.decision", "std.blocked_value", "prior.blocked_value", "std.identifier", "std.address")
READS = ("match.cluster_member", "std.source_record", "steward.decision", *STEERING, *PRIOR)
NOBODY_STEERED = pa.schema(
    [
        ("source", pa.string()), ("source_pk", pa.string()), ("cause", pa.string()), ("is_split", pa.bool_()),
        ("actor", pa.string()),
    ]
).empty_table()  # fmt: skip
"""`steered` where no decision and no blocked value moves records."""
WRITES = ("identity.profile_xref", "identity.profile", "identity.profile_alias", "identity.profile_event")


def write(run: Run, db: Session) -> Metrics:
    """Give every cluster of `match.cluster_member` its profile id and write the `identity.*` tables.

    `db` reads READS. Metrics: `profiles`, `new_profiles`, `changed_ids` (known records whose id changed),
    `known_records`, and `events:<type>`.
    """
    find_calm(db)
    db.execute("resolve/stirred")
    db.execute("resolve/cluster_profile")
    db.put("assigned", _assign(run, db))
    db.execute("resolve/steered")
    write_history(run, db)
    db.save("identity.profile_xref", "resolve/profile_xref", number=run.number)
    figures = db.rows("resolve/identity_figures", number=run.number)
    return {name: float(value) for name, value in figures}


def find_calm(db: Session) -> None:
    """Tell the clusters apart that hold exactly what an active profile held: `calm`, `last_home` and `origin`."""
    db.execute("resolve/last_home")
    db.execute("resolve/origin")
    db.execute("resolve/calm")


def write_history(run: Run, db: Session, actor: str | None = None) -> None:
    """Write the fate of every id, the aliases and the events that follow from `assigned`.

    `actor` is the person whose doing all of it is, if one. `db` also has `calm`, `stirred_member`, `stirred_home`,
    `origin` and `steered` (`sql/resolve/`).
    """
    db.execute("resolve/record_move")
    db.save("identity.profile", "resolve/profile", number=run.number)
    db.save("identity.profile_alias", "resolve/profile_alias")
    told: dict[str, Any] = {"number": run.number, "run_id": run.run_id, "as_of": run.as_of, "actor": actor}
    db.save("identity.profile_event", "resolve/profile_event", **told)


def new_profile_ids(store_key: str, number: int, first_keys: Sequence[tuple[str, str]]) -> list[str]:
    """New ids: `P` and 80 bits in base 32, an HMAC of generation and smallest record key under the store's key."""
    texts = (f"{number}\x1f{source}\x1f{source_pk}" for source, source_pk in first_keys)
    digests = b"".join(digest[:10] for digest in keyed_digests(store_key.encode(), texts))
    fives = np.unpackbits(np.frombuffer(digests, np.uint8)).reshape(-1, 5) @ np.array([16, 8, 4, 2, 1], np.uint8)
    letters = _BASE32[fives].tobytes().decode("ascii")
    return [f"P{letters[at : at + 16]}" for at in range(0, len(letters), 16)]


_BASE32 = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", np.uint8)


def _assign(run: Run, db: Session) -> pa.Table:
    """cluster_id, profile_id, split_from of every cluster; ids never issued before for the new ones."""
    clusters = db.query("select * from cluster_profile order by cluster_id")
    profile_ids = clusters["profile_id"].to_pylist()
    places = [place for place, profile_id in enumerate(profile_ids) if profile_id is None]
    new = clusters.take(pa.array(places, pa.int64()))
    keys = list(zip(new["first_source"].to_pylist(), new["first_pk"].to_pylist(), strict=True))
    fresh_ids = new_profile_ids(run.settings.store_key, run.number, keys)
    taken = _taken(db, fresh_ids)
    for place, (source, source_pk), fresh in zip(places, keys, fresh_ids, strict=True):
        chosen, salted = fresh, source_pk
        while chosen in taken:  # 80 bits: practically never, but an id must not be issued twice
            salted += "'"
            (chosen,) = new_profile_ids(run.settings.store_key, run.number, [(source, salted)])
        taken.add(chosen)
        profile_ids[place] = chosen
    anew = pa.table(
        {
            "cluster_id": clusters["cluster_id"].cast(pa.int64()),
            "profile_id": pa.array(profile_ids, pa.string()),
            "split_from": clusters["split_from"].cast(pa.string()),
        }
    )
    carried_on = db.query("select cluster_id, profile_id, null::varchar as split_from from calm")
    return pa.concat_tables([carried_on.cast(anew.schema), anew])


def _taken(db: Session, wanted: Sequence[str]) -> set[str]:
    """The ids that were issued before, where any of those wanted is among them; else none."""
    db.put("wanted_id", pa.table({"profile_id": pa.array(wanted, pa.string())}))
    issued = "select profile_id from prior.profile"
    found = db.rows(f"{issued} semi join wanted_id using (profile_id) limit 1")
    return {row[0] for row in db.rows(issued)} if found else set()
