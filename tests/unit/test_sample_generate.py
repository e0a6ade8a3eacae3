"""The sample looks like unmodified exports, repeats byte by byte, and its truth is complete."""

import csv
import hashlib
import io
import itertools
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import phonenumbers
import pytest

from identity.sample import Rates, SampleSummary, generate, pair_figures
from identity.sample.names import family_names, given_names
from identity.sample.people import make_people

AS_OF = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
EXPECTED = json.loads((Path(__file__).parent / "sample_headers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return generate(tmp_path_factory.mktemp("sample"), people=5_000, seed=7, as_of=AS_OF)


@pytest.fixture(scope="module")
def truth(sample: SampleSummary) -> pd.DataFrame:
    return pd.read_parquet(sample.truth)


def _one(folder: Path, pattern: str) -> Path:
    (found,) = folder.rglob(pattern)
    return found


def _contents(sample: SampleSummary) -> dict[str, bytes]:
    """Every CSV of the inbox by a short name, zip members included."""
    inbox = sample.inbox
    found = {
        "shopify_customers": _one(inbox, "customers_export.csv").read_bytes(),
        "shopify_orders": _one(inbox, "orders_export.csv").read_bytes(),
        "shopify_orders_older": _one(inbox, "orders_export_2.csv").read_bytes(),
        "shopify_checkouts": _one(inbox, "checkouts_export_1.csv").read_bytes(),
        "square_customers": _one(inbox, "export-20261122-083000.csv").read_bytes(),
        "square_transactions": _one(inbox, "transactions-*.csv").read_bytes(),
        "square_items": _one(inbox, "items-*.csv").read_bytes(),
        "klaviyo_profiles": _one(inbox / "klaviyo", "*.csv").read_bytes(),
    }
    for archive in (_one(inbox, "audience_export_*.zip"), _one(inbox, "WE_*.ZIP")):
        with zipfile.ZipFile(archive) as members:
            for name in members.namelist():
                short = name.partition("_email_audience")[0].removesuffix(".csv").lower()
                system = "salesforce" if archive.name.startswith("WE_") else "mailchimp"
                found[f"{system}_{short}"] = members.read(name)
    return found


def _rows(content: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def _encoding(name: str) -> str:
    return "iso-8859-1" if name.startswith("salesforce") else "utf-8"


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_headers_equal_the_reference(sample: SampleSummary) -> None:
    headers = {
        name: next(csv.reader(io.StringIO(content.decode(_encoding(name)), newline="")))
        for name, content in _contents(sample).items()
    }
    assert headers == EXPECTED
    assert [len(headers[f"shopify_{name}"]) for name in ("orders", "checkouts")] == [79, 70]
    assert [len(headers[f"square_{name}"]) for name in ("customers", "transactions", "items")] == [23, 55, 35]


def test_every_file_parses_with_equal_widths_and_lf_line_ends(sample: SampleSummary) -> None:
    for name, content in _contents(sample).items():
        rows = list(csv.reader(io.StringIO(content.decode(_encoding(name)), newline=""), strict=True))
        assert {len(row) for row in rows} == {len(rows[0])}, name
        assert len(rows) > 1, name
        assert content.endswith(b"\n"), name
        assert not content.startswith(b"\xef\xbb\xbf"), name
        unquoted = re.sub(rb'"[^"]*"', b"", content)
        assert b"\r" not in unquoted, name


def test_salesforce_quotes_every_field_in_latin_1(sample: SampleSummary) -> None:
    content = _contents(sample)["salesforce_contact"]
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    outside = re.sub(r'"(?:[^"]|"")*"', "", content.decode("iso-8859-1"))
    assert set(outside) == {",", "\n"}


def test_square_writes_empties_as_two_quotes_and_money_with_dollar_signs(sample: SampleSummary) -> None:
    content = _contents(sample)["square_transactions"].decode()
    assert ",," not in content
    rows = _rows(content.encode())
    money = re.compile(r"^-?\$\d{1,3}(,\d{3})*\.\d\d$")
    assert all(money.match(row["Total Collected"]) and money.match(row["Fees"]) for row in rows)
    assert {row["Time Zone"] for row in rows} == {"Eastern Time (US & Canada)"}
    refunds = [row for row in rows if row["Event Type"] == "Refund"]
    paid = {row["Transaction ID"] for row in rows if row["Event Type"] == "Payment"}
    assert refunds
    assert all(row["Total Collected"].startswith("-$") and row["Transaction ID"] in paid for row in refunds)


@pytest.mark.parametrize("file", ["shopify_orders", "shopify_orders_older", "shopify_checkouts"])
def test_only_the_first_line_of_an_order_carries_the_order(sample: SampleSummary, file: str) -> None:
    rows, seen = _rows(_contents(sample)[file]), {}
    for row in rows:
        first = seen.setdefault(row["Name"], row)
        if row is first:
            continue
        filled = {name for name, value in row.items() if value and not name.startswith("Lineitem")}
        assert filled <= {"Name", "Created at", "Vendor", "Email", "Phone"}
        assert (row["Email"], row["Phone"], row["Created at"]) == (first["Email"], first["Phone"], first["Created at"])
    assert len(rows) > len(seen)
    # Lines of an order follow each other.
    names = [row["Name"] for row in rows]
    assert sum(a != b for a, b in itertools.pairwise(names)) + 1 == len(seen)


def test_order_totals_are_those_of_their_lines(sample: SampleSummary) -> None:
    rows = _rows(_contents(sample)["shopify_orders"])
    lines: Counter[str] = Counter()
    for row in rows:
        lines[row["Name"]] += round(float(row["Lineitem price"]) * 100) * int(row["Lineitem quantity"])
    for row in rows:
        if row["Total"]:
            cents = {
                n: round(float(row[n]) * 100) for n in ("Subtotal", "Shipping", "Taxes", "Total", "Discount Amount")
            }
            assert cents["Subtotal"] + cents["Discount Amount"] == lines[row["Name"]]
            assert cents["Total"] == cents["Subtotal"] + cents["Shipping"] + cents["Taxes"]


def test_shop_exports_show_their_quirks(sample: SampleSummary) -> None:
    contents = _contents(sample)
    orders = [row for row in _rows(contents["shopify_orders"]) if row["Total"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d -0[45]00", row["Created at"]) for row in orders)
    assert {row["Created at"][-5:] for row in orders} == {"-0400", "-0500"}
    assert any(row["Billing Zip"].startswith("'") for row in orders)
    assert any("\nPhone: " in row["Note Attributes"] for row in orders)
    assert any(row["Payment Method"] == "(for testing) Bogus Gateway" for row in orders)
    assert {"paid", "refunded", "partially_refunded", "voided", "pending"} <= {r["Financial Status"] for r in orders}
    assert any(row["Source"] == "pos" and not row["Billing Name"] + row["Email"] + row["Phone"] for row in orders)
    customers = _rows(contents["shopify_customers"])
    assert all(row["Customer ID"].startswith("'7") for row in customers)
    assert all(re.match("'[+0-9]", row["Phone"]) for row in customers if row["Phone"] and row["Phone"][-1].isdigit())
    for column in ("Email", "Phone"):
        values = Counter(row[column].strip().lower() for row in customers if row[column])
        assert values.most_common(1)[0][1] == 1, column
    members = [row for name in contents if name.startswith("mailchimp") for row in _rows(contents[name])]
    for column, rows in (("Email Address", members), ("Email", _rows(contents["klaviyo_profiles"]))):
        assert len({row[column].strip().lower() for row in rows}) == len(rows), column
    assert all(r["Name"] == f"#{r['Id']}" for r in _rows(contents["shopify_checkouts"]) if r["Id"])


def test_truth_names_every_record_once(sample: SampleSummary, truth: pd.DataFrame) -> None:
    contents = _contents(sample)
    orders = _rows(contents["shopify_orders"]) + _rows(contents["shopify_orders_older"])
    members = [row for name in contents if name.startswith("mailchimp") for row in _rows(contents[name])]
    users = [json.loads(line) for line in _one(sample.inbox, "users.ndjson").read_text("utf-8").splitlines()]
    test = "(for testing) Bogus Gateway"
    person = ("Billing Name", "Email", "Phone", "Billing Phone")
    delivered = {
        "shopify_order": [
            row["Name"]
            for row in orders
            if row["Total"] and row["Payment Method"] != test and any(row[name] for name in person)
        ],
        "shopify_customer": [r["Customer ID"].removeprefix("'") for r in _rows(contents["shopify_customers"])],
        "shopify_checkout": [r["Id"] for r in _rows(contents["shopify_checkouts"]) if r["Id"]],
        "square_customer": [r["Square Customer ID"] for r in _rows(contents["square_customers"])],
        "klaviyo_profile": [r["Klaviyo ID"] for r in _rows(contents["klaviyo_profiles"])],
        "mailchimp_member": [r["LEID"] for r in members],
        # Zendesk repeats records across pages; staff are no customers.
        "zendesk_user": sorted({str(user["id"]) for user in users if user["role"] == "end-user"}),
        "salesforce_contact": [r["Id"] for r in _rows(contents["salesforce_contact"], "iso-8859-1")],
        "salesforce_lead": [r["Id"] for r in _rows(contents["salesforce_lead"], "iso-8859-1")],
    }
    assert not truth.duplicated(["source", "source_pk"]).any()
    for source, keys in delivered.items():
        known = truth.loc[truth["source"] == source, "source_pk"]
        assert sorted(keys) == sorted(known), source
        assert sample.records[source] == len(keys)
    assert set(truth["source"]) == set(delivered)
    homes = truth[["person_id", "household_id"]].drop_duplicates()
    assert not homes["person_id"].duplicated().any()


def test_hard_links_join_records_of_one_person(sample: SampleSummary, truth: pd.DataFrame) -> None:
    person = truth.set_index(["source", "source_pk"])["person_id"]
    contacts = _rows(_contents(sample)["salesforce_contact"], "iso-8859-1")
    merged = [row for row in _with(contacts, "MasterRecordId") if row["IsDeleted"] == "1"]
    leads = _with(_rows(_contents(sample)["salesforce_lead"], "iso-8859-1"), "ConvertedContactId")
    assert merged
    assert leads
    for row in merged:
        master = person["salesforce_contact", row["MasterRecordId"]]
        assert person["salesforce_contact", row["Id"]] == master
    for row in leads:
        assert person["salesforce_lead", row["Id"]] == person["salesforce_contact", row["ConvertedContactId"]]


def _with(rows: list[dict[str, str]], column: str) -> list[dict[str, str]]:
    return [row for row in rows if row[column]]


def test_tills_and_tickets_refer_to_known_people(sample: SampleSummary) -> None:
    contents = _contents(sample)
    customers = {row["Square Customer ID"] for row in _rows(contents["square_customers"])}
    for file in ("square_transactions", "square_items"):
        named = {row["Customer ID"] for row in _rows(contents[file])} - {""}
        assert named <= customers
        assert len(named) > 0.9 * len(customers)
    users = {json.loads(line)["id"] for line in _one(sample.inbox, "users.ndjson").read_text("utf-8").splitlines()}
    tickets = [json.loads(line) for line in _one(sample.inbox, "tickets.ndjson").read_text("utf-8").splitlines()]
    assert {ticket["requester_id"] for ticket in tickets} <= users
    assert {ticket["satisfaction_rating"]["score"] for ticket in tickets} == {"unoffered", "offered", "good", "bad"}
    assert max(ticket["updated_at"] for ticket in tickets) <= "2026-11-22T08:30:00Z"


def test_mail_activity_is_of_members_and_before_the_export(sample: SampleSummary) -> None:
    contents = _contents(sample)
    members = {r["Email Address"] for n in contents if n.startswith("mailchimp") for r in _rows(contents[n])}
    folder = sample.inbox / "mailchimp"
    counts = {}
    for kind in ("granular_activity/opens", "granular_activity/clicks", "aggregate_activity/opened"):
        rows = [row for path in sorted((folder / kind).iterdir()) for row in _rows(path.read_bytes())]
        assert {row["Email"] for row in rows} <= members
        assert all(row["Timestamp"] <= "2026-11-22 08:30:00" for row in rows if "Timestamp" in row)
        counts[kind] = len(rows)
    assert counts["granular_activity/opens"] == counts["aggregate_activity/opened"]
    assert 0 < counts["granular_activity/clicks"] < counts["granular_activity/opens"]


def test_till_customers_have_the_promised_contact_points(sample: SampleSummary, truth: pd.DataFrame) -> None:
    rows = _rows(_contents(sample)["square_customers"])
    size = len(rows)
    bare = [row for row in rows if not row["Email Address"] and not row["Phone Number"]]
    assert len(bare) / size == pytest.approx(0.17, abs=0.02)
    assert sum(bool(row["Email Address"]) for row in rows) / size == pytest.approx(0.25, abs=0.04)
    assert sum(bool(row["Phone Number"]) for row in rows) / size == pytest.approx(0.81, abs=0.04)
    store = Counter(row["Email Address"].strip().lower() for row in rows if row["Email Address"]).most_common(1)[0][1]
    assert store / size == pytest.approx(0.02, abs=0.005)
    assert all(row["Instant Profile"] == "Yes" for row in bare)
    person = truth[truth["source"] == "square_customer"].set_index("source_pk")["person_id"]
    owners = Counter(person[row["Square Customer ID"]] for row in bare)
    assert set(owners.values()) == {1}


def test_population_has_the_promised_rates() -> None:
    people = make_people(5_000, 3, np.datetime64("2026-11-22", "s"), Rates())
    families = people.families
    measured = {
        "in_households": (families.size >= 2).mean(),
        "share_email": people.shares_email.mean(),
        "share_phone": people.shares_phone.mean(),
        "moved": (people.previous >= 0).mean(),
        "surname_changed": (families.family_before >= 0).mean(),
        "nickname": (people.nickname >= 0).mean(),
    }
    rates = vars(Rates())
    for name, share in measured.items():
        assert share == pytest.approx(rates[name], abs=0.012), name
    emails = pd.Series(people.email.to_pylist())
    shared = emails[emails != ""].duplicated(keep=False)
    assert shared.mean() == pytest.approx(0.08, abs=0.01)
    numbers = people.mobile[people.mobile > 0]
    assert len(np.unique(numbers)) == len(numbers)
    parsed = [phonenumbers.parse(f"+{number}") for number in numbers[:1_500]]
    assert np.mean([phonenumbers.is_valid_number(number) for number in parsed]) > 0.99
    assert (families.suffix == 2).sum() == (families.suffix == 1).sum() > 0


def test_names_are_many_and_their_frequencies_fall_slowly() -> None:
    given, family = given_names(), family_names()
    assert len(set(given.names.to_pylist())) > 1_500
    assert len(set(family.names.to_pylist())) > 4_000
    people = make_people(20_000, 1, np.datetime64("2026-11-22", "s"), Rates())
    counts = pd.Series(people.families.family).value_counts(normalize=True)
    assert 0.002 < counts.iloc[0] < 0.02
    assert len(counts) > 3_000


def test_most_pairs_can_be_resolved_in_principle(sample: SampleSummary, truth: pd.DataFrame) -> None:
    assert sample.resolvable >= 0.96
    assert 2.5 <= sample.total_records / sample.people <= 2.8
    alone = truth[["source", "source_pk"]].assign(cluster=range(len(truth)))
    assert pair_figures(truth, alone).true_pairs > 3 * sample.people
    assert truth.groupby("person_id").size().max() > 20


def test_same_seed_gives_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import datetime, UTC; from pathlib import Path; from identity.sample import generate;"
        "generate(Path(sys.argv[1]), people=300, seed=11, as_of=datetime(2026, 11, 22, 8, 30, tzinfo=UTC))"
    )
    for number in ("0", "12345"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / number)],
            check=True,
            env={"PYTHONHASHSEED": number, "PYTHONPATH": ":".join(sys.path)},
        )
    assert _hashes(tmp_path / "0") == _hashes(tmp_path / "12345")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), people=60, seed=seed, as_of=AS_OF)
    one, two = (_hashes(tmp_path / str(seed)) for seed in (1, 2))
    assert all(one[name] != two[name] for name in one if name.endswith(("customers_export.csv", "truth.parquet")))


@pytest.mark.parametrize("seed", range(3))
def test_the_smallest_sample_works(tmp_path: Path, seed: int) -> None:
    summary = generate(tmp_path, people=10, seed=seed, as_of=AS_OF)
    assert summary.total_records > 5


def test_fewer_than_ten_people_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 10"):
        generate(tmp_path, people=9, seed=1, as_of=AS_OF)


def test_progress_names_the_steps(tmp_path: Path) -> None:
    steps: list[str] = []
    generate(tmp_path, people=30, seed=1, as_of=AS_OF, progress=steps.append)
    assert steps[0] == "people"
    assert steps[-1] == "truth"
