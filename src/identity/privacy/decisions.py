"""What the operational store says of a person in words: reasons of requests and runs, decisions, comments.

Of a decision only what may be personal is emptied (reason, value, the record's key): its entry, its order and the
hash chain over keyed digests stay (PROMISES.md P15).
"""

import json
from collections.abc import Callable

import sqlalchemy as sa

from identity.privacy.plan import Plan
from identity.runs import lease
from identity.runs.review_tables import review_comment_table, review_proposal_table
from identity.runs.store_tables import decision_record_table, decision_table, privacy_request_table, run_table
from identity.stewardship.log import erase_text


def clean(store: sa.Engine, plan: Plan, redact: Callable[[str], str]) -> int:
    """Take what names the person out of every text of the store; returns the rows changed."""
    changed = 0
    for table, key in ((privacy_request_table, "request_id"), (run_table, "run_id")):
        with store.begin() as connection:
            for number, reason in connection.execute(sa.select(table.c[key], table.c.reason)).all():
                new = redact(reason) if reason else reason
                if new != reason:
                    connection.execute(sa.update(table).where(table.c[key] == number).values(reason=new))
                    changed += 1
    changed += _clean_review(store, plan, redact)
    return changed + erase_text(store, sorted(_named(store, plan, redact)), plan.records, lease.now())


def _clean_review(store: sa.Engine, plan: Plan, redact: Callable[[str], str]) -> int:
    """Empty the comments and proposals that are about a record of the person, or whose words name the person."""
    keys = {f"{source}:{source_pk}" for source, source_pk in plan.records}
    changed = 0
    for table, records, text in (
        (review_comment_table, "records", "text"),
        (review_proposal_table, "parts", "reason"),
    ):
        columns = (table.c.number, table.c[records], table.c[text])
        with store.begin() as connection:
            for number, named, words in connection.execute(sa.select(*columns)).all():
                about = named is not None and not keys.isdisjoint(_texts(named))
                if about or (words and redact(words) != words):
                    emptied = {records: None, text: None, "erased_at": lease.now()}
                    connection.execute(sa.update(table).where(table.c.number == number).values(emptied))
                    changed += 1
    return changed


def _texts(written: str) -> set[str]:
    """The records in a JSON list, or in a list of such lists."""
    found: set[str] = set()
    for entry in json.loads(written):
        found.update([entry] if isinstance(entry, str) else entry)
    return found


def _named(store: sa.Engine, plan: Plan, redact: Callable[[str], str]) -> set[int]:
    """The decisions that name a record of the person, and those whose words name the person."""
    records, values = set(plan.records), {key for _, key in (*plan.identifiers, *plan.values)}
    numbers = set()
    with store.connect() as connection:
        of_record = decision_record_table.c
        for number, source, source_pk in connection.execute(
            sa.select(of_record.number, of_record.source, of_record.source_pk)
        ):
            if (source, source_pk) in records:
                numbers.add(number)
        said = decision_table.c
        for number, reason, value in connection.execute(sa.select(said.number, said.reason, said.value)):
            if value in values or any(text and redact(text) != text for text in (reason, value)):
                numbers.add(number)
    return numbers
