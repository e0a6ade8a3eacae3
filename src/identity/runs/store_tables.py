"""The tables of the operational store (DESIGN.md decision 6). A change needs a step in `store.MIGRATIONS`."""

import sqlalchemy as sa

metadata = sa.MetaData()

meta_table = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)

run_table = sa.Table(
    "run",
    metadata,
    sa.Column("run_id", sa.String(60), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("as_of", sa.DateTime, nullable=False),
    sa.Column("full", sa.Boolean, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("config_hash", sa.String(64), nullable=False),
    sa.Column("inbox_hash", sa.String(64), nullable=False),
    sa.Column("program_version", sa.String(20), nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=False),
    sa.Column("finished_at", sa.DateTime),
)

lease_table = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("run_id", sa.String(60), nullable=False),
    sa.Column("host", sa.String(200), nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)

decision_table = sa.Table(
    "decision",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("decided_by", sa.String(200), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("field", sa.String(40)),
    sa.Column("value", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("undoes", sa.Integer),
    sa.Column("supersedes", sa.Integer),
    sa.Column("assignee", sa.String(200)),
    sa.Column("due", sa.Date),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("text_digest", sa.String(64), nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("chain_hash", sa.String(64), nullable=False),
    sa.Column("erased_at", sa.DateTime),
)
"""The log of stewards' decisions, append-only. Only `value` and `reason` may ever be emptied (with `erased_at`)."""

decision_record_table = sa.Table(
    "decision_record",
    metadata,
    sa.Column("number", sa.Integer, sa.ForeignKey("decision.number"), primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("source", sa.String(200)),
    sa.Column("source_pk", sa.Text),
    sa.Column("digest", sa.String(64), nullable=False),
)
"""The records a decision is about. Only `source` and `source_pk` may ever be emptied."""

APPEND_ONLY = {
    decision_table: "number, kind, decided_by, at, field, undoes, supersedes, assignee, due, evidence, text_digest, "
    "previous_hash, chain_hash",
    decision_record_table: "number, position, part, digest",
}
for _table, _kept in APPEND_ONLY.items():
    for _name, _event in (("delete", "delete"), ("update", f"update of {_kept}")):
        _trigger = sa.DDL(  # type: ignore[no-untyped-call]
            f"create trigger {_table.name}_{_name} before {_event} on {_table.name} "
            "begin select raise(abort, 'the decision log is append-only'); end"
        )
        sa.event.listen(_table, "after_create", _trigger.execute_if(dialect="sqlite"))

privacy_request_table = sa.Table(
    "privacy_request",
    metadata,
    sa.Column("request_id", sa.String(20), primary_key=True),
    sa.Column("type", sa.String(20), nullable=False),  # access, erase, rectify, object, restrict
    sa.Column("strategy", sa.String(20), nullable=False),  # exact, connected
    sa.Column("status", sa.String(20), nullable=False),  # open, running, done, withdrawn
    sa.Column("target_digest", sa.String(32), nullable=False),
    sa.Column("profile_id", sa.String(40)),
    sa.Column("scope", sa.String(200), nullable=False, default=""),
    sa.Column("requested_by", sa.String(200), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("requested_at", sa.DateTime, nullable=False),
    sa.Column("due_at", sa.DateTime, nullable=False),
    sa.Column("done_at", sa.DateTime),
)

privacy_key_table = sa.Table(
    "privacy_key",
    metadata,
    sa.Column("request_id", sa.String(20), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),  # record, identifier
    sa.Column("digest", sa.String(32), primary_key=True),
)

privacy_action_table = sa.Table(
    "privacy_action",
    metadata,
    sa.Column("request_id", sa.String(20), primary_key=True),
    sa.Column("place", sa.String(500), primary_key=True),
    sa.Column("table_name", sa.String(200), primary_key=True),
    sa.Column("action", sa.String(20), primary_key=True),  # as tables.py says
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
)

tombstone_table = sa.Table(
    "tombstone",
    metadata,
    sa.Column("kind", sa.String(60), primary_key=True),  # record, order, row, value, or the identifier's type
    sa.Column("digest", sa.String(32), primary_key=True),
    sa.Column("request_id", sa.String(20), nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Column("place", sa.String(300)),
)

export_table = sa.Table(
    "export",
    metadata,
    sa.Column("path", sa.String(1000), primary_key=True),
    sa.Column("table_name", sa.String(200), nullable=False),  # empty for the answer to a request of access
    sa.Column("mode", sa.String(20), nullable=False),  # machine, spreadsheet, access
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
)
