"""The review application's tables of the operational store: accounts, sessions, notes, opinions, and who saw what."""

import sqlalchemy as sa

from identity.runs.store_tables import metadata

review_user_table = sa.Table(
    "review_user",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("role", sa.String(10), nullable=False),  # viewer, steward, admin
    sa.Column("password", sa.String(300)),  # Argon2id; null: this person comes through a proxy or Airflow only
    sa.Column("shows_values", sa.Boolean, nullable=False, default=False),
    sa.Column("since", sa.DateTime, nullable=False),
)

review_session_table = sa.Table(
    "review_session",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of the cookie's token
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("since", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime, nullable=False),
)

review_attempt_table = sa.Table(
    "review_attempt",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("subject", sa.String(64), nullable=False, index=True),  # keyed hash of a name or an address
    sa.Column("at", sa.DateTime, nullable=False),
)
"""Logins that failed, for as long as they count."""

review_comment_table = sa.Table(
    "review_comment",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("item_id", sa.String(40), nullable=False, index=True),  # a case or a profile
    sa.Column("records", sa.Text),  # JSON list of source:key
    sa.Column("author", sa.String(100), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("erased_at", sa.DateTime),
)
"""Words of stewards about a case; only `text` and `records` may ever be emptied."""

review_assignment_table = sa.Table(
    "review_assignment",
    metadata,
    sa.Column("item_id", sa.String(40), primary_key=True),
    sa.Column("assignee", sa.String(100)),
    sa.Column("due", sa.Date),
    sa.Column("assigned_by", sa.String(100), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
)

review_opinion_table = sa.Table(
    "review_opinion",
    metadata,
    sa.Column("item_id", sa.String(40), primary_key=True),
    sa.Column("reviewer", sa.String(100), primary_key=True),
    sa.Column("verdict", sa.String(10), nullable=False),  # same, not_same, unsure
    sa.Column("stratum", sa.String(40), nullable=False),
    sa.Column("run_number", sa.Integer, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
)
"""What reviewers said of sampled pairs: the base of estimated precision and recall."""

review_proposal_table = sa.Table(
    "review_proposal",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),  # same, release
    sa.Column("subject", sa.String(60), nullable=False),  # case, or run
    sa.Column("parts", sa.Text),  # JSON lists of source:key
    sa.Column("size", sa.Integer, nullable=False),  # records concerned
    sa.Column("proposed_by", sa.String(100), nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),  # open, confirmed, declined
    sa.Column("closed_by", sa.String(100)),
    sa.Column("closed_at", sa.DateTime),
    sa.Column("erased_at", sa.DateTime),
)
"""What takes two people: joining large profiles, releasing a held run."""

review_unmasking_table = sa.Table(
    "review_unmasking",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("page", sa.String(20), nullable=False),  # case, profile, search, batch
    sa.Column("subject", sa.String(60), nullable=False),  # case or profile id; of a search how many were found
)
"""Every page that showed a person's values in full, and to whom."""
