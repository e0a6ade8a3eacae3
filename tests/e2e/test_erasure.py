"""P17: erased means erased, in every format and table, over generations, and at the next delivery."""

import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.support.canaries import CANARIES, NEEDLES, hits, plant
from tests.support.cli import invoke, people
from tests.support.erasure import delivered_again, shop, traces
from tests.support.generations import AS_OF, pin_secret

LATER, LATEST = "2026-07-02T03:00:00", "2026-07-03T03:00:00"
WHO = ("--by", "Dora Officer", "--reason", "asked by letter")


def ask(folder: Path, text: str, *values: object) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(text, list(values)).fetchall()


def run(folder: Path, *more: object):
    told = invoke("run", *more, "-w", folder / "w.duckdb")
    assert told.exit_code == 0, told.output
    return told


def erase(folder: Path, person: str, *more: object):
    told = invoke("erase", person, *WHO, "--yes", "-w", folder / "w.duckdb", *more)
    assert hits(told.output) == []
    return told


@pytest.fixture(scope="module")
def erased(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two generations with canaries in every format, exports and an answer; then the canary is erased."""
    folder = tmp_path_factory.mktemp("erased")
    pin_secret(folder)
    canaries = plant(inbox, folder / "inbox", one=True)
    options = ("--inbox", canaries, "--region", "US", "--threads", 1)
    run(folder, *options, "--as-of", AS_OF.isoformat())
    late = folder / "inbox" / "shopify" / "customers_late.csv"
    late.write_text((canaries / "shopify" / "customers_export.csv").read_text(encoding="utf-8") + "\n")
    run(folder, *options, "--as-of", LATER)
    kept = {"orders": ask(folder, "select count(*), sum(gross), sum(total_charged) from gold.orders")}
    kept["profiles"] = ask(folder, "select * from gold.customer_360 order by profile_id")
    (folder / "before.json").write_text(json.dumps(kept, default=str))
    for table, name in (
        ("gold.customer_360", "sheet.csv"), ("std.source_record", "records.parquet"), ("raw.shopify_customer", "raw.csv"),
    ):  # fmt: skip
        assert invoke("export", table, folder / name, "-w", folder / "w.duckdb").exit_code == 0
    several = invoke("erase", f"email:{CANARIES[0].email}", "--dry-run", "-w", folder / "w.duckdb")
    assert (several.exit_code, hits(several.output)) == (2, [])
    profiles = ask(
        folder,
        "select profile_id from std.identifier join identity.profile_xref using (source, source_pk) "
        "where id_value_norm = ? group by profile_id order by count(*) desc, profile_id",
        CANARIES[0].email,
    )
    assert len(profiles) > 1  # the matcher left the canary in several profiles: all are erased, one after the other
    answer = invoke("access", profiles[0][0], "-o", folder / "a.json", *WHO, "-w", folder / "w.duckdb")
    assert answer.exit_code == 0, answer.output
    assert hits(answer.output) == []
    (folder / "answer.txt").write_text((folder / "a.json").read_text(encoding="utf-8"), encoding="utf-8")
    told = ""
    for (profile,) in profiles:
        dry = invoke("erase", profile, "--dry-run", "-w", folder / "w.duckdb")
        assert (dry.exit_code, hits(dry.output)) == (0, [])
        done = erase(folder, str(profile), "--inbox", canaries)
        assert done.exit_code == 0, done.output
        told = told or done.output
    (folder / "told.txt").write_text(told)
    return folder


def test_p17_nothing_of_the_person_is_left_in_any_byte_or_table(erased: Path) -> None:
    assert traces(erased, hits) == []
    assert len(sorted((erased / "w.state" / "generations").glob("g*.duckdb"))) == 2
    for name in ("sheet.csv", "records.parquet", "raw.csv"):
        path = erased / name
        text = path.read_bytes()
        if path.suffix == ".parquet":
            text = repr(duckdb.sql(f"select * from '{path}'").fetchall()).encode()
        assert hits(text) == [], name
    assert not (erased / "a.json").exists()


def test_p17_the_account_names_tables_rows_and_the_delivered_files_that_still_hold_the_person(erased: Path) -> None:
    told = (erased / "told.txt").read_text()
    assert re.search(r"generations\s+std.identifier\s+removed\s+\d+", told)
    assert re.search(r"proof\s+0 traces in \d+ files", told)
    files = {path.name for path in (erased / "inbox").rglob("*") if path.is_file()}
    assert {"customers_export.csv", "users.ndjson", "customers_late.csv"} <= {name for name in files if name in told}
    line = next(line for line in told.splitlines() if "shopify/customers_export.csv" in line.replace("\\", "/"))
    numbers = [int(number) for number in re.findall(r"\d+", line.split("lines")[1])]
    rows = (erased / "inbox" / "shopify" / "customers_export.csv").read_text().splitlines()
    assert all(hits(rows[number - 1]) for number in numbers)


def test_p5_an_erased_profile_has_one_fate_and_one_event(erased: Path) -> None:
    gone = [row[0] for row in ask(erased, "select profile_id from identity.profile where status = 'erased'")]
    assert gone
    events = ask(
        erased, "select profile_id, cause from identity.profile_event where event_type = 'erased' order by all"
    )
    assert events == sorted((profile, "erasure") for profile in gone)
    assert ask(erased, "select count(*) from identity.profile_xref where profile_id in (select unnest(?))", gone) == [
        (0,)
    ]
    assert ask(
        erased, "select count(*) from identity.profile_alias where current_profile_id in (select unnest(?))", gone
    ) == [(0,)]


def test_p3_p4_rows_and_money_stay_accounted_for(erased: Path) -> None:
    before = json.loads((erased / "before.json").read_text())
    assert [[str(value) for value in row] for row in before["orders"]] == [
        [str(value) for value in row]
        for row in ask(erased, "select count(*), sum(gross), sum(total_charged) from gold.orders")
    ]
    assert ask(erased, "select count(*) from std.row_disposition where disposition = 'erased'")[0][0] > 10
    uneven = ask(
        erased,
        "select file.sha256 from raw.file as file left join (select sha256, count(*) as rows from std.row_disposition "
        "group by sha256) as fate using (sha256) where status = 'landed' and file.rows <> coalesce(fate.rows, 0)",
    )
    assert uneven == []


def test_p17_others_keep_their_ids_and_values(erased: Path) -> None:
    before = {row[0]: row for row in json.loads((erased / "before.json").read_text())["profiles"]}
    after = {row[0]: row for row in ask(erased, "select * from gold.customer_360")}
    gone = {row[0] for row in ask(erased, "select profile_id from identity.profile where status = 'erased'")}
    assert after.keys() == before.keys() - gone
    assert len(after) > 30
    assert {key: [str(value) for value in row] for key, row in after.items()} == {
        key: [str(value) for value in before[key]] for key in after
    }


def test_p17_the_answer_to_a_request_holds_what_was_delivered_and_what_became_of_it(erased: Path) -> None:
    answer = json.loads((erased / "answer.txt").read_text(encoding="utf-8"))
    assert answer["format"] == "identity-access-1"
    sources = {row["source"] for row in answer["delivered_rows"]}
    assert {"shopify_customer", "shopify_order", "zendesk_user", "klaviyo_profile", "mailchimp_member"} <= sources
    for needle in (CANARIES[0].email, CANARIES[0].phone, CANARIES[0].street):
        assert needle in json.dumps(answer["delivered_rows"])
    for section in (
        "source_records",
        "identifiers",
        "profile",
        "golden_lineage",
        "contact_points",
        "consents",
        "orders",
    ):
        assert answer[section], section
    assert [row["generation"] for row in answer["golden_history"]] == [1, 2]
    assert len(NEEDLES) > 40


def test_p17_the_person_does_not_come_back_with_the_next_delivery(erased: Path, tmp_path: Path) -> None:
    again = delivered_again(erased / "inbox", tmp_path / "inbox")
    counts = "select count(*), sum(gross) from gold.orders"
    before = ask(erased, counts), ask(erased, "select profile_id, given_name from gold.customer_360 order by all")
    told = run(erased, "--inbox", again, "--region", "US", "--threads", 1, "--as-of", LATEST)
    assert hits(told.output) == []
    assert traces(erased, hits) == []
    assert (
        ask(erased, counts),
        ask(erased, "select profile_id, given_name from gold.customer_360 order by all"),
    ) == before
    assert ask(erased, "select count(*) from identity.profile_event where run_number = 3") == [(0,)]
    assert {kind for (kind,) in ask(erased, "select distinct kind from privacy.tombstone")} >= {
        "email",
        "phone",
        "record",
    }
    assert (
        hits(repr(ask(erased, "select * from privacy.request") + ask(erased, "select * from privacy.action_log"))) == []
    )


HOUSE = "12 Larkspur Hollow Rd, Austin, TX 78701"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people; r0002 and r0003 share phone and house; r0002 has two orders, r0003 one. Read only."""
    tmp_path = tmp_path_factory.mktemp("house")
    folk = [(*row, "5 Elm St, Boston, MA 02108", "") for row in people(6)]
    shared = (folk[2][4], HOUSE)
    folk[2] = (*folk[2][:4], *shared, "")
    folk[3] = (folk[3][0], folk[3][1], folk[2][2], folk[3][3], *shared, f"lives with {folk[2][1]} {folk[2][2]}")
    orders = [
        ("o1", "r0002", "10.00", "2026-01-02"),
        ("o2", "r0002", "20.50", "2026-02-02"),
        ("o3", "r0003", "5", "2026-02-03"),
    ]
    config = shop(tmp_path, "1", folk, orders)
    pin_secret(tmp_path)
    run(tmp_path, "--config", config, "--as-of", AS_OF.isoformat())
    return tmp_path


@pytest.fixture
def household(house: Path, tmp_path: Path) -> Path:
    """A copy of `house` to work on."""
    return shutil.copytree(house, tmp_path / "house")


def test_p17_a_household_member_keeps_his_own_records(household: Path) -> None:
    person = people(6)[2]
    before = ask(household, "select * from identity.profile_xref where source_pk = 'r0003'")
    told = erase(household, "people:r0002", "--config", household / "run.toml")
    assert told.exit_code == 0, told.output
    assert ask(household, "select * from identity.profile_xref where source_pk = 'r0003'") == before
    digits = re.sub(r"\D", "", str(person[4]))
    assert ask(
        household, "select id_value_norm from std.identifier where source_pk = 'r0003' and id_type = 'phone'"
    ) == [(f"+1{digits}",)]
    assert ask(household, "select address_line1 from std.source_record where source_pk = 'r0003'") != [(None,)]
    assert ask(household, "select note from raw.people where id = 'r0003'") == [("[erased]",)]
    gone = (str(person[3]), f"{person[1]} {person[2]}".lower(), "r0002")
    assert traces(household, lambda text: [word for word in gone if word in _lower(text)]) == []
    money = ask(household, "select sum(gross), count(*), count(profile_id) from gold.orders")
    assert money == [(Decimal("35.5000"), 3, 1)]
    tokens = ask(household, "select order_id from gold.orders where profile_id is null order by 1")
    assert all(re.fullmatch(r"erased-[0-9a-f]{16}", token) for (token,) in tokens)
    run(household, "--config", household / "run.toml", "--as-of", LATER)
    assert ask(household, "select sum(gross), count(*), count(profile_id) from gold.orders") == money
    assert ask(household, "select order_id from gold.orders where profile_id is null order by 1") == tokens


def _lower(text: str | bytes) -> str:
    return (text if isinstance(text, str) else text.decode("utf-8", "replace")).lower()


def test_p17_an_identifier_of_several_profiles_asks_whose_request_it_is(household: Path) -> None:
    phone = people(6)[2][4]
    told = invoke("erase", f"phone:{phone}", *WHO, "--yes", "--config", household / "run.toml")
    assert told.exit_code == 2
    assert "shared by 2 profiles" in told.output
    assert str(phone) not in told.output
    profile = ask(household, "select profile_id from identity.profile_xref where source_pk = 'r0002'")[0][0]
    chosen = erase(household, f"phone:{phone}", "--profile", str(profile), "--config", household / "run.toml")
    assert chosen.exit_code == 0, chosen.output
    assert ask(household, "select source_pk from identity.profile_xref order by 1") == [
        (f"r000{n}",) for n in (0, 1, 3, 4, 5)
    ]


def test_p17_exactly_one_identifier_goes_and_its_records_stay(household: Path) -> None:
    mail = people(6)[4][3]
    told = erase(household, f"email:{mail}", "--exact", "--config", household / "run.toml")
    assert told.exit_code == 0, told.output
    assert traces(household, lambda text: [mail] if str(mail) in _lower(text) else []) == []
    assert ask(household, "select given_name, email from gold.customer_360 join identity.profile_xref using (profile_id) "
                          "where source_pk = 'r0004'") == [(people(6)[4][1], None)]  # fmt: skip
    again = [(*row, "5 Elm St, Boston, MA 02108", "x") for row in people(6)]
    shop(household, "2", again)
    run(household, "--config", household / "run.toml", "--as-of", LATER)
    assert traces(household, lambda text: [mail] if str(mail) in _lower(text) else []) == []
    assert ask(household, "select count(*) from identity.profile_xref") == [(6,)]


def test_p17_a_request_recorded_for_later_is_carried_out_with_the_open_ones(household: Path) -> None:
    config = ("--config", household / "run.toml")
    assert invoke("erase", "people:r0005", *WHO, "--later", *config).exit_code == 0
    assert "open" in invoke("requests", *config).output
    told = invoke("erase", "--open", *config)
    assert told.exit_code == 0, told.output
    assert ask(household, "select count(*) from identity.profile where status = 'erased'") == [(1,)]
    again = invoke("erase", "people:r0005", *WHO, "--yes", *config)
    assert (again.exit_code, "was done" in again.output) == (0, True)


@pytest.mark.deep
def test_an_erased_person_who_is_readmitted_comes_back_with_what_is_delivered_then(household: Path) -> None:
    config = ("--config", household / "run.toml")
    assert invoke("readmit", "r000001", *WHO, *config).exit_code == 2
    assert erase(household, "people:r0005", *config).exit_code == 0
    told = invoke("readmit", "r000001", *WHO, *config)
    assert (told.exit_code, "tombstones lifted" in told.output) == (0, True), told.output
    erased_row = ask(household, "select id from raw.people where id = 'r0005'")
    shop(household, "2", [(*row, "5 Elm St, Boston, MA 02108", "back") for row in people(6)[5:]])
    run(household, *config, "--as-of", LATER)
    assert erased_row == []
    assert ask(household, "select source_pk from identity.profile_xref where source_pk = 'r0005'") == [("r0005",)]
    old = ask(household, "select count(*) from identity.profile where status = 'erased'")
    assert old == [(1,)]  # the id that was erased is not given again
    assert invoke("readmit", "r000001", *WHO, *config).exit_code == 2


def test_objection_denies_marketing_and_restriction_keeps_a_person_out_of_exports(household: Path) -> None:
    config = ("--config", household / "run.toml")
    assert invoke("object", "people:r0001", *WHO, *config).exit_code == 0
    assert invoke("restrict", "people:r0000", *WHO, *config).exit_code == 0
    profile = ask(household, "select profile_id from identity.profile_xref where source_pk = 'r0000'")[0][0]
    sheet = household / "sheet.csv"
    assert "without 1 people" in invoke("export", "gold.customer_360", sheet, *config).output
    assert str(profile) not in sheet.read_text()
    run(household, *config, "--as-of", LATER)
    denied = ask(
        household,
        "select distinct consent.rule, consent.status, golden.consent_email from gold.consent as consent "
        "join gold.customer_360 as golden using (profile_id) join identity.profile_xref using (profile_id) "
        "where source_pk = 'r0001'",
    )
    assert denied == [("objection", "denied", "denied")]
    assert ask(household, "select profile_id from gold.customer_360 where is_restricted") == [(profile,)]
    assert invoke("restrict", "people:r0000", *WHO, "--withdraw", *config).exit_code == 0
    assert "without" not in invoke("export", "gold.customer_360", sheet, *config).output


@pytest.mark.deep
def test_delivered_rows_that_count_no_more_lose_their_content_with_age(household: Path) -> None:
    config = ("--config", household / "run.toml")
    old_mail = str(people(6)[1][3])
    changed = [(*row, "5 Elm St, Boston, MA 02108", "moved") for row in people(6)]
    changed[1] = (*changed[1][:3], "new.box@harbor-mail.org", *changed[1][4:])
    shop(household, "2", changed)
    run(household, *config, "--as-of", LATER)
    superseded = ask(household, "select count(*) from std.row_disposition where disposition = 'superseded'")[0][0]
    assert superseded > 0
    toml = household / "run.toml"
    toml.write_text(toml.read_text().replace("[gate]", "[retention]\ndelivered_days = 30\n[gate]"))
    told = invoke("prune", *config)
    assert told.exit_code == 0, told.output
    assert f"the content of {superseded} delivered rows" in " ".join(told.output.split())
    landed = household / "w.state" / "landed" / "people"
    texts = repr(duckdb.sql(f"select * from read_parquet('{landed}/*.parquet', union_by_name = true)").fetchall())
    assert old_mail not in texts
    assert "new.box@harbor-mail.org" in texts
    run(household, *config, "--as-of", LATEST)
    assert ask(
        household, "select disposition, count(*) from std.row_disposition where rule = 'content_removed' group by 1"
    ) == [("erased", superseded)]
    assert ask(household, "select count(*) from identity.profile_event where run_number = 3") == [(0,)]


def test_a_correction_wins_with_the_next_run_and_its_words_go_with_the_person(household: Path) -> None:
    config = ("--config", household / "run.toml")
    told = invoke("rectify", "people:r0001", "email=right.one@harbor-mail.org", *WHO, *config)
    assert told.exit_code == 0, told.output
    assert "right.one" not in told.output
    assert invoke("rectify", "people:r0001", "shoe=42", *WHO, *config).exit_code == 2
    run(household, *config, "--as-of", LATER)
    golden = (
        "select email from gold.customer_360 join identity.profile_xref using (profile_id) where source_pk = 'r0001'"
    )
    assert ask(household, golden) == [("right.one@harbor-mail.org",)]
    assert erase(household, "people:r0001", *config).exit_code == 0
    assert (
        traces(household, lambda text: ["found"] if "right.one" in _lower(text) or "r0001" in _lower(text) else [])
        == []
    )
    kept = invoke("decisions", "--verify", *config)
    assert (kept.exit_code, "right.one" in kept.output) == (0, False)
    run(household, *config, "--as-of", LATEST)
    assert ask(household, "select count(*) from identity.profile_xref") == [(5,)]


def test_p17_a_decision_about_a_value_of_the_person_loses_the_value(household: Path) -> None:
    config, mail = household / "run.toml", people(6)[2][3]
    told = invoke("decide", "block", "email", mail, "--by", "Stella", "--reason", "no person", "--config", config)
    assert told.exit_code == 0, told.output
    run(household, "--config", config, "--as-of", LATER)
    (household / "w.state" / "generations" / "g000001.duckdb").unlink()  # where it still was an ordinary value
    erased = erase(household, "people:r0002", "--config", config)
    assert erased.exit_code == 0, erased.output
    assert ask(household, "select kind, value from steward.decision") == [("block_value", None)]
    assert traces(household, lambda text: [mail] if str(mail) in _lower(text) else []) == []
    run(household, "--config", config, "--as-of", LATEST)
    assert ask(household, "select source_pk from identity.profile_xref where source_pk = 'r0002'") == []
