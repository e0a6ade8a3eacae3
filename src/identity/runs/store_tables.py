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
