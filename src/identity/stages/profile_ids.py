"""Stable profile ids: which earlier id each cluster carries on, and what happened to the others.

Every earlier profile goes home to the cluster with most of its records; a cluster carries on the oldest
profile that came home to it and the others become aliases; a cluster nobody came home to gets a new id,
marked `split_from` when its records belonged to a profile before (DESIGN.md decision 10).
"""

import base64
import hmac
from hashlib import sha256

import pyarrow as pa

from identity.runs.run import Run
from identity.runs.workspace import Metrics, Session

PRIOR = ("prior.profile_xref", "prior.profile", "prior.profile_event", "prior.profile_alias", "prior.source_record")
READS = ("match.cluster_member", "std.source_record", *PRIOR)
WRITES = ("identity.profile_xref", "identity.profile", "identity.profile_alias", "identity.profile_event")


def write(run: Run, db: Session) -> Metrics:
    """Give every cluster of `match.cluster_member` its profile id and write the `identity.*` tables.

    `db` reads READS. Metrics: `profiles`, `new_profiles`, `changed_ids` (known records whose id changed),
    `known_records`, and `events:<type>`.
    """
    db.execute("resolve/last_home")
    db.execute("resolve/cluster_profile")
    db.put("assigned", _assign(run, db))
    write_history(run, db)
    db.save("identity.profile_xref", "resolve/profile_xref", number=run.number)
    figures = db.rows("resolve/identity_figures", number=run.number)
    return {name: float(value) for name, value in figures}


def write_history(run: Run, db: Session) -> None:
    """Write the fate of every id, the aliases and the events that follow from `assigned` and `last_home`."""
    db.execute("resolve/record_move")
    db.save("identity.profile", "resolve/profile", number=run.number)
    db.save("identity.profile_alias", "resolve/profile_alias")
    db.save("identity.profile_event", "resolve/profile_event", number=run.number, run_id=run.run_id, as_of=run.as_of)


def new_profile_id(store_key: str, number: int, source: str, source_pk: str) -> str:
    """A new id: `P` and 80 bits in base 32, an HMAC of generation and smallest record key under the store's key."""
    text = f"{number}\x1f{source}\x1f{source_pk}"
    digest = hmac.digest(store_key.encode(), text.encode(), sha256)
    return "P" + base64.b32encode(digest[:10]).decode()


def _assign(run: Run, db: Session) -> pa.Table:
    """cluster_id, profile_id, split_from of every cluster; ids never issued before for the new ones."""
    clusters = db.query("select * from cluster_profile order by cluster_id").to_pydict()
    taken = {row[0] for row in db.rows("select profile_id from prior.profile")}
    profile_ids = clusters["profile_id"]
    for place, profile_id in enumerate(profile_ids):
        if profile_id is None:
            source, source_pk = clusters["first_source"][place], clusters["first_pk"][place]
            fresh = new_profile_id(run.settings.store_key, run.number, source, source_pk)
            while fresh in taken:  # 80 bits: practically never, but an id must not be issued twice
                source_pk += "'"
                fresh = new_profile_id(run.settings.store_key, run.number, source, source_pk)
            taken.add(fresh)
            profile_ids[place] = fresh
    return pa.table(
        {
            "cluster_id": pa.array(clusters["cluster_id"], pa.int64()),
            "profile_id": pa.array(profile_ids, pa.string()),
            "split_from": pa.array(clusters["split_from"], pa.string()),
        }
    )
