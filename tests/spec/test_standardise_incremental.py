"""A run that reads only what is new gives what reading everything gives, table by table."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from tests.support.exports import deliver, next_run, standardised

from identity.runs.run import Run
from identity.stages.land import land
from identity.stages.standardise import WRITES, standardise
from identity.standardising import making
from identity.tables import table

TABLES = (*(name for name in WRITES if name.startswith("std.")), "raw.rejected")
SYSTEMS = ("shopify", "klaviyo", "square", "zendesk", "mailchimp", "salesforce")
CUSTOMERS = """
    id,first,last,email,phone,born,changed
    1,Ana,Lopez,ana@example.com,212-555-0101,1990-07-04,2026-01-02 10:00:00
    2,Bob,Stone,bob@example.com,212-555-0102,1985-01-30,2026-01-03 10:00:00
    3,Cyd,Marsh,cyd@example.com,212-555-0103,1979-11-11,2026-01-04 10:00:00
    ,No,Key,nokey@example.com,,,
"""
LATER = """
    id,first,last,email,phone,born,changed
    2,Bob,Stone-Hill,bob@example.com,212-555-0102,1985-01-30,2026-02-03 10:00:00
    3,Cyd,Marsh,cyd@example.com,212-555-0103,1979-11-11,2026-01-04 10:00:00
    1,Old,Version,old@example.com,212-555-0101,1990-07-04,2025-01-02 10:00:00
    4,Dee,North,dee@example.com,212-555-0104,1999-12-31,2026-02-04 10:00:00
    ,Still,Nokey,nokey2@example.com,,,
"""
SOURCE = {
    "name": "crm", "files": "crm/*.csv", "record_id": "id", "updated_at": "changed",
    "fields": {
        "given_name": "first", "family_name": "last", "email": "email", "phone": "phone", "birth_date": "born",
    },
}  # fmt: skip


def rows_of(run: Run) -> dict[str, list[tuple[object, ...]]]:
    with run.open(*TABLES) as db:
        return {name: db.rows(f"select * from {name} order by all") for name in TABLES}


def later(run: Run, texts: dict[str, str] | None = None) -> Run:
    """The next run over the same inbox with further files, landed but not standardised."""
    assert run.settings.inbox is not None
    deliver(run.settings.inbox, texts or {})
    following = next_run(run)
    land(following)
    return following


def both_ways(run: Run) -> tuple[dict[str, float], dict[str, list[tuple[object, ...]]]]:
    """Standardise from what is kept and from nothing; the first's metrics. Asserts that all tables are equal."""
    metrics = dict(standardise(run))
    patched = rows_of(run)
    shutil.rmtree(run.settings.state / "standardised")
    standardise(run)
    anew = rows_of(run)
    for name in TABLES:
        assert patched[name] == anew[name], name
    return metrics, patched


def _changed(number: int, row: list[str]) -> list[str]:
    """Every third row with another value, every fourth under another key."""
    if number % 4 == 2:
        return [value + "9" if column == 0 and value else value for column, value in enumerate(row)]
    if number % 3 == 1:
        return [value + "x" if column == number % len(row) and value else value for column, value in enumerate(row)]
    return row


def disturbed(inbox: Path, name: str = "*") -> None:
    """Deliver of every file (so named) a second one: some rows again, some changed, some under a new key."""
    for place in sorted(inbox.rglob(f"{name}.csv")):
        with place.open(newline="", encoding="utf-8", errors="surrogateescape") as stream:
            header, *rows = list(csv.reader(stream))
        good = [row for row in rows if len(row) == len(header)]
        again = [_changed(number, row) for number, row in enumerate(good) if number % 5]
        with place.with_name(f"b_{place.name}").open(
            "w", newline="", encoding="utf-8", errors="surrogateescape"
        ) as out:
            csv.writer(out).writerows([header, *again])
    for place in sorted(inbox.rglob(f"{name}.ndjson")):
        rows = [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines() if line.strip()]
        rows = [
            row | {"id": row["id"] if number % 2 else 10**9 + number} for number, row in enumerate(rows) if number % 3
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        place.with_name(f"b_{place.name}").write_text(text, encoding="utf-8")


def test_an_incremental_run_equals_a_full_one(tmp_path: Path) -> None:
    first = standardised(tmp_path, *SYSTEMS)
    assert first.settings.inbox is not None
    disturbed(first.settings.inbox)
    metrics, _ = both_ways(later(first))
    assert metrics["objects_patched"] >= 13, metrics


@pytest.mark.parametrize(("system", "name"), [("salesforce", "Account"), ("zendesk", "users"), ("zendesk", "tickets")])
def test_rows_that_stand_are_settled_by_what_is_new_in_other_objects(tmp_path: Path, system: str, name: str) -> None:
    first = standardised(tmp_path, system)
    assert first.settings.inbox is not None
    before = rows_of(first)
    disturbed(first.settings.inbox, name)
    metrics, after = both_ways(later(first))
    assert metrics["objects_kept"], metrics
    assert after != before


MEMBERS = """
    Email Address,First Name,Last Name,MEMBER_RATING,LAST_CHANGED
    {address},Ana,Lopez,2,2026-01-02 10:00:00
"""
SILENT = """
    Email
    ana@example.com
    bob@example.com
"""


def test_who_is_met_later_is_known_in_what_was_told_before(tmp_path: Path) -> None:
    first = standardised(
        tmp_path,
        texts={
            "mailchimp/subscribed_a.csv": MEMBERS.format(address="ana@example.com"),
            "mailchimp/aggregate_activity/not_opened/spring.csv": SILENT,
        },
    )
    second = later(first)
    standardise(second)
    then, now = (run.workspace.path("std.touchpoint", "mailchimp_not_opened") for run in (first, second))
    assert now.samefile(then)
    third = later(second, {"mailchimp/subscribed_b.csv": MEMBERS.format(address="bob@example.com")})
    metrics, rows = both_ways(third)
    assert metrics["objects_kept"] == 1
    person = [column.name for column in table("std.touchpoint").columns].index("person_pk")
    assert len({row[person] for row in rows["std.touchpoint"]} - {None}) == 2


def test_only_new_files_are_read(tmp_path: Path) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE])
    metrics, rows = both_ways(later(first, {"crm/b.csv": LATER}))
    assert metrics["rows_reused:crm"] == 1  # the row without a key; every other was delivered again
    assert metrics["objects_patched"] == 1
    family = {row[1]: row[rows_column("family_name")] for row in rows["std.source_record"]}
    assert family == {"1": "Lopez", "2": "Stone-Hill", "3": "Marsh", "4": "North"}


def rows_column(name: str) -> int:
    return [column.name for column in table("std.source_record").columns].index(name)


def test_nothing_new_reads_nothing(tmp_path: Path) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE])
    metrics, _ = both_ways(later(first))
    assert (metrics["objects_kept"], metrics["objects_patched"], metrics["objects_made"]) == (1, 0, 0)


def test_a_full_delivery_withdraws_what_it_lacks(tmp_path: Path) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE | {"delivery": "full"}])
    metrics, rows = both_ways(later(first, {"crm/b.csv": "\n".join(LATER.strip().splitlines()[:3])}))
    assert metrics["objects_patched"] == 1
    assert sorted(row[1] for row in rows["std.source_record"]) == ["2", "3"]


def test_what_a_full_delivery_withdrew_comes_back_with_the_bytes_of_an_earlier_one(tmp_path: Path) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE | {"delivery": "full"}])
    second = later(first, {"crm/a.csv": "\n".join(CUSTOMERS.strip().splitlines()[:3])})
    _, rows = both_ways(second)
    assert sorted(row[1] for row in rows["std.source_record"]) == ["1", "2"]
    _, rows = both_ways(later(second, {"crm/a.csv": CUSTOMERS}))
    assert sorted(row[1] for row in rows["std.source_record"]) == ["1", "2", "3"]


def test_new_dates_that_may_change_the_vote_have_all_read_anew(tmp_path: Path) -> None:
    unsure = CUSTOMERS.replace("1990-07-04", "07/04/1990").replace("1985-01-30", "05/06/1985")
    first = standardised(tmp_path, texts={"crm/a.csv": unsure}, sources=[SOURCE])
    metrics, _ = both_ways(later(first, {"crm/b.csv": LATER.replace("1999-12-31", "31/12/1999")}))
    assert metrics["objects_made"] == 1


def test_a_new_column_has_all_read_anew(tmp_path: Path) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS.replace("phone", "fax")}, sources=[SOURCE])
    metrics, _ = both_ways(later(first, {"crm/b.csv": LATER}))
    assert metrics["objects_made"] == 1


def test_another_program_or_configuration_reads_all_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE])
    second = later(first, {"crm/b.csv": LATER})
    monkeypatch.setattr(making.kept, "_program", lambda: "another")
    metrics, _ = both_ways(second)
    assert metrics["objects_made"] == 1


def test_what_an_earlier_program_kept_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE])
    (about,) = (first.settings.state / "standardised" / "crm").glob("*/about.json")
    told = json.loads(about.read_text(encoding="utf-8"))
    told["files"] = [file[:4] for file in told["files"]]  # it did not know in which run the bytes came last
    about.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(making.kept, "_program", lambda: "another")
    metrics, _ = both_ways(later(first, {"crm/b.csv": LATER}))
    assert metrics["objects_made"] == 1


ITEMS = """
    Date,Time,Time Zone,Item,Qty,Gross Sales,Net Sales,Transaction ID,Payment ID,Event Type
    2026-01-02,10:00:00,UTC,Tea,1,$4.00,$4.00,T1,P1,Payment
    2026-01-02,10:00:00,UTC,Scone,2,$6.00,$6.00,T1,P1,Payment
    2026-01-03,10:00:00,UTC,Tea,1,$4.00,$4.00,T2,P2,Payment
    2026-01-03,10:00:00,UTC,Tea,1,$4.00,$4.00,T2,P2,Payment
"""
ITEMS_LATER = """
    Date,Time,Time Zone,Item,Qty,Gross Sales,Net Sales,Transaction ID,Payment ID,Event Type
    2026-02-02,10:00:00,UTC,Scone,1,$3.00,$3.00, T1,P1,Refund
    2026-02-03,10:00:00,UTC,Milk,1,$1.00,$1.00,T3,P3,Payment
"""


def test_a_further_row_of_a_transaction_has_only_that_transaction_read_anew(tmp_path: Path) -> None:
    first = standardised(tmp_path, texts={"square/a.csv": ITEMS})
    metrics, rows = both_ways(later(first, {"square/b.csv": ITEMS_LATER}))
    assert (metrics["objects_patched"], metrics["rows_reused:square_item"]) == (1, 2)
    lines = [column.name for column in table("std.order_item").columns].index("order_id")
    assert sorted(row[lines] for row in rows["std.order_item"]) == [" T1", "T1", "T1", "T2", "T2", "T3"]


def test_batches_equal_one_another(tmp_path: Path) -> None:
    """Three deliveries one after the other end as from nothing."""
    run = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE])
    run = later(run, {"crm/b.csv": LATER})
    standardise(run)
    both_ways(later(run, {"crm/c.csv": CUSTOMERS.replace("Ana", "Anna").replace("2026-01-02", "2026-03-02")}))


def test_records_that_changed_are_told(tmp_path: Path) -> None:
    first = standardised(tmp_path, texts={"crm/a.csv": CUSTOMERS}, sources=[SOURCE | {"delivery": "full"}])
    second = later(first, {"crm/b.csv": LATER.replace("1,Old", "5,New")})
    shutil.copyfile(first.workspace.path("std.source_record", "crm"), second.folder / "prior.source_record.parquet")
    _, rows = both_ways(second)
    assert rows["std.record_change"] == [
        ("crm", "1", "withdrawn"), ("crm", "2", "changed"), ("crm", "4", "new"), ("crm", "5", "new"),
    ]  # fmt: skip
