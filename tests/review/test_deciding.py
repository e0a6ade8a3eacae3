"""Deciding in the application: one log, one name, undo, second people, samples, masks and who saw what (P14, P15, P16)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from identity.review import notes
from identity.runs import lease, lifecycle
from identity.runs.store_tables import run_table
from identity.stewardship import log as decision_log
from identity.stewardship import proposals
from identity.stewardship.decisions import Kind
from tests.support.office import Office, post


@pytest.fixture(scope="module")
def shared(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(published, tmp_path_factory.mktemp("office") / "own")
    yield made
    made.close()


@pytest.fixture
def office(shared: Office) -> Office:
    """The shared office with an empty desk: what earlier tests decided is undone."""
    client = shared.client("Stella")
    for decision in reversed(decision_log.read(shared.store)):
        if decision.said.kind is not Kind.UNDO:
            post(client, f"/decisions/{decision.number}/undo")
    for table in ("review_opinion", "review_proposal", "review_comment", "review_assignment", "review_unmasking"):
        with shared.store.begin() as connection:
            connection.exec_driver_sql(f"delete from {table}")
    return shared


def last(office: Office):
    return decision_log.read(office.store)[-1].said


def open_cases(office: Office, name: str = "Stella", **query: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/cases/(\w+)', office.client(name).get("/", params=query).text)


@pytest.mark.parametrize(("verb", "kind"), [("same", Kind.SAME), ("not_same", Kind.NOT_SAME), ("unsure", Kind.UNSURE)])
def test_a_word_about_a_pair_goes_into_the_log_under_the_name_and_the_next_case_comes(
    office: Office, verb: str, kind: Kind
) -> None:
    answer = post(office.client("Stella"), "/cases/Rpair/decide", verb=verb, reason="seen on paper", kind="pair")
    said = last(office)
    assert (said.kind, said.decided_by, said.reason) == (kind, "Stella", "seen on paper")
    assert {":".join(record) for record in said.records} == set(office.pairs["Rpair"])
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/cases/Rsecond?done=D")
    assert "Rpair" not in open_cases(office)
    assert "Rpair" in open_cases(office, state="decided")


def test_a_reason_nobody_types_is_the_usual_one(office: Office) -> None:
    post(office.client("Stella"), "/cases/Rpair/decide", verb="not_same")
    assert last(office).reason == "the records are of two people"


def test_taking_back_is_a_decision_too_and_brings_the_case_back(office: Office) -> None:
    client = office.client("Max")
    post(client, "/cases/Rpair/decide", verb="same")
    number = decision_log.read(office.store)[-1].number
    answer = post(client, f"/decisions/{number}/undo", item="Rpair")
    assert (last(office).kind, last(office).undoes, last(office).decided_by) == (Kind.UNDO, number, "Max")
    assert answer.headers["location"].startswith("/cases/Rpair?")
    assert "Rpair" in open_cases(office)


def test_cases_with_identical_evidence_are_decided_at_one_go(office: Office) -> None:
    client = office.client("Stella")
    listed = client.get("/cases/Rpair/alike").text
    assert {"Rpair", "Rsecond", "Rthird"} <= set(re.findall(r'value="(R\w+)"', listed))
    assert "Rcap" not in listed
    before = len(decision_log.read(office.store))
    assert post(client, "/cases/Rpair/alike", verb="not_same", case=["Rpair", "Rcap"]).status_code == 404
    assert len(decision_log.read(office.store)) == before, "all of them or none"
    post(client, "/cases/Rpair/alike", verb="not_same", case=["Rpair", "Rthird"])
    log = decision_log.read(office.store)[before:]
    assert [decision.said.kind for decision in log] == [Kind.NOT_SAME] * 2
    assert not {"Rpair", "Rthird"} & set(open_cases(office))


def test_a_contested_newcomer_goes_to_one_candidate_or_to_neither(office: Office) -> None:
    client = office.client("Stella")
    newcomer, one, other = office.pairs["Rcontested"]
    assert post(client, "/cases/Rcontested/decide", verb="same", **{"with": newcomer}).status_code == 400
    post(client, "/cases/Rcontested/decide", verb="same", **{"with": other})
    assert {":".join(record) for record in last(office).records} == {newcomer, other}
    post(client, f"/decisions/{decision_log.read(office.store)[-1].number}/undo")
    post(client, "/cases/Rcontested/decide", verb="not_same")
    two = decision_log.read(office.store)[-2:]
    assert [{":".join(record) for record in d.said.records} for d in two] == [{newcomer, one}, {newcomer, other}]


def test_a_shared_value_is_blocked(office: Office) -> None:
    post(office.client("Stella"), "/cases/Rshared/decide", verb="block")
    assert (last(office).kind, last(office).field) == (Kind.BLOCK_VALUE, "phone")
    assert "Rshared" not in open_cases(office)


def test_words_that_do_not_fit_a_case_are_refused(office: Office) -> None:
    before = office.dump("review_session")
    for case, verb in (("Rpair", "block"), ("Rshared", "same"), ("Rtorn", "same"), ("Rpair", "drop table decision")):
        assert post(office.client("Stella"), f"/cases/{case}/decide", verb=verb).status_code == 400
    assert office.dump("review_session") == before


def test_joining_many_records_takes_a_second_person(published: Path, tmp_path: Path) -> None:
    office = Office(published, tmp_path / "own", second_person_records=2)
    post(office.client("Stella"), "/cases/Rpair/decide", verb="same", reason="one family book")
    assert decision_log.read(office.store) == []
    assert "Rpair" not in open_cases(office)
    (found,) = proposals.proposals(office.store)
    assert post(office.client("Stella"), f"/proposals/{found.number}", answer="confirm").status_code == 400
    assert post(office.client("Vera"), f"/proposals/{found.number}", answer="confirm").status_code == 403
    assert decision_log.read(office.store) == []
    post(office.client("Max"), f"/proposals/{found.number}", answer="confirm")
    assert (last(office).kind, last(office).decided_by) == (Kind.SAME, "Stella, Max")
    assert post(office.client("Ada"), f"/proposals/{found.number}", answer="confirm").status_code == 404
    post(office.client("Stella"), "/cases/Rsecond/decide", verb="not_same")
    assert last(office).kind is Kind.NOT_SAME, "keeping apart takes one person"
    office.close()


def test_a_held_run_is_released_by_two_administrators(office: Office) -> None:
    with office.store.begin() as connection:
        row = {**lifecycle.runs(office.settings)[0], "run_id": "g000002-held", "number": 2, "status": "held"}
        connection.execute(sa.insert(run_table).values(row))
    client = office.client("Ada")
    path = "/runs/g000002-held/release"
    assert post(client, path, answer="confirm").status_code == 400
    post(client, path, answer="propose", reason="a new source came")
    assert post(client, path, answer="confirm").status_code == 400, "not by the one who proposed it"
    assert "Confirm as second person" in office.client("Bo").get("/runs").text
    assert "Confirm as second person" not in client.get("/runs").text
    post(office.client("Bo"), path, answer="decline")
    assert proposals.proposals(office.store) == []
    with office.store.begin() as connection:
        connection.execute(sa.delete(run_table).where(run_table.c.run_id == "g000002-held"))


def sample(office: Office, *, joined: bool, double: bool | None = None) -> str:
    with office.app.state.live.page() as page:
        return next(
            item["item_id"]
            for item in page.generation.by_id.values()
            if item["kind"] == "sample"
            and item["stratum"].startswith("joined") is joined
            and double in (None, item["is_double"])
        )


def test_a_sampled_pair_takes_an_opinion_and_a_decision_only_where_the_program_was_wrong(office: Office) -> None:
    item_id = sample(office, joined=True, double=False)
    before = len(decision_log.read(office.store))
    post(office.client("Stella"), f"/cases/{item_id}/decide", verb="same")
    assert notes.opinions(office.store)[item_id] == {"Stella": "same"}
    assert len(decision_log.read(office.store)) == before
    post(office.client("Stella"), f"/cases/{item_id}/decide", verb="not_same")
    assert notes.opinions(office.store)[item_id] == {"Stella": "not_same"}
    assert last(office).kind is Kind.NOT_SAME
    post(office.client("Stella"), f"/decisions/{decision_log.read(office.store)[-1].number}/undo")
    assert item_id not in notes.opinions(office.store)


def test_two_reviewers_answer_without_each_others_answer(office: Office) -> None:
    item_id = sample(office, joined=True, double=True)
    post(office.client("Stella"), f"/cases/{item_id}/decide", verb="unsure")
    assert item_id not in open_cases(office, "Stella", kind="sample", page="1")
    seen = office.client("Max").get(f"/cases/{item_id}").text
    assert "unsure</span>" not in seen
    assert "you said" not in seen
    post(office.client("Max"), f"/cases/{item_id}/decide", verb="same")
    assert notes.opinions(office.store)[item_id] == {"Stella": "unsure", "Max": "same"}


def test_values_are_masked_until_asked_for_and_every_page_that_shows_them_is_logged(office: Office) -> None:
    with office.app.state.live.page() as page:
        record = office.pairs["Rpair"][0].partition(":")
        ((name,),) = page.cursor.execute(
            "select coalesce(family_name, email_norm, phone_e164) from std.source_record where source = ? and source_pk = ?",
            [record[0], record[2]],
        ).fetchall()
    client = office.client("Stella")
    assert name not in client.get("/cases/Rpair").text
    assert office.dump()["review_unmasking"] == []
    post(client, "/values", shown="yes", back="cases/Rpair")
    assert name in client.get("/cases/Rpair").text
    assert ("Stella", "case", "Rpair") in {(row[1], row[3], row[4]) for row in office.dump()["review_unmasking"]}
    post(client, "/values", shown="no", back="https://evil.example/")
    assert name not in client.get("/cases/Rpair").text
    assert post(office.client("Vera"), "/values", shown="yes").status_code == 403
    assert "Stella" in office.client("Ada").get("/seen").text


def test_search_finds_people_and_keeps_what_was_typed_out_of_addresses(office: Office) -> None:
    with office.app.state.live.page() as page:
        ((profile, email, phone, family, order),) = page.cursor.execute(
            "select c.profile_id, c.email, c.phone, c.family_name, o.order_id from gold.customer_360 as c "
            "join gold.orders as o using (profile_id) where c.email is not null and c.phone is not null "
            "and c.family_name is not null order by all limit 1"
        ).fetchall()
    client = office.client("Vera")
    for words in (email, email.upper(), phone, family, order):
        found = post(client, "/search", q=words)
        assert profile in found.text, "not found by one of its values"
        assert str(found.url) == "http://127.0.0.1:8765/search"
    assert post(client, "/search", q=profile).headers["location"] == f"/profiles/{profile}"
    assert "0 profiles" in post(client, "/search", q="nobody@nowhere.example").text


def test_comments_and_assignments_stand_on_the_case(office: Office) -> None:
    client = office.client("Stella")
    post(client, "/cases/Rpair/comment", text="ask the shop")
    post(client, "/cases/Rpair/assign", assignee="Max", due="2026-01-05")
    assert post(client, "/cases/Rpair/assign", assignee="Zoe").status_code == 400
    assert post(client, "/cases/Rpair/assign", due="soon").status_code == 400
    assert open_cases(office, "Max", assignee="me") == ["Rpair"]
    assert open_cases(office, "Max", due="overdue") == ["Rpair"]
    assert "ask the shop" not in client.get("/cases/Rpair").text, "words are shown with the values"
    post(client, "/values", shown="yes")
    assert "ask the shop" in client.get("/cases/Rpair").text
    post(client, "/values", shown="no")


def test_golden_values_are_decided_on_the_profile(office: Office) -> None:
    with office.app.state.live.page() as page:
        ((profile, email),) = page.cursor.execute(
            "select profile_id, email from gold.customer_360 where n_source_records > 1 and email is not null "
            "order by 1 limit 1"
        ).fetchall()
        members = [":".join(record) for record in page.desk.records(profile)]
    client = office.client("Stella")
    path = f"/profiles/{profile}/decide"
    assert post(client, path, verb="pin", field="email").status_code == 400, "without a reason"
    post(client, path, verb="pin", field="email", reason="told on the phone")
    assert (last(office).kind, last(office).field) == (Kind.PIN_VALUE, "email")
    post(client, path, verb="exclude", field="email", value=email, reason="an old one")
    assert (last(office).kind, last(office).value) == (Kind.EXCLUDE_VALUE, email)
    post(client, path, verb="correct", field="phone", value="+1 415 555 0145", reason="told on the phone")
    assert (last(office).kind, last(office).value) == (Kind.CORRECT_VALUE, "+1 415 555 0145")
    post(client, path, verb="split", leave=members[:1], reason="somebody else's")
    assert last(office).kind is Kind.SPLIT
    assert {":".join(record) for record in last(office).parts[1]} == set(members[:1])


def test_what_would_change_is_what_the_rules_of_survivorship_say(office: Office) -> None:
    text = office.client("Vera").get("/cases/Rpair/change").text
    assert "Golden values that flip" in text
    assert "Revenue:" in text


def test_a_decision_made_meanwhile_elsewhere_is_seen(office: Office) -> None:
    from identity import deciding
    from identity.desk import desk

    assert "Rpair" in open_cases(office)
    with desk(office.settings) as at:
        deciding.pair(at, Kind.SAME, *office.pairs["Rpair"], deciding.Word("Cli", "seen on paper"))
    assert "Rpair" not in open_cases(office)
    assert "Cli" in office.client("Vera").get("/decisions").text


def test_a_run_that_is_going_on_is_not_started_again(office: Office) -> None:
    with office.store.begin() as connection:
        row = {**lifecycle.runs(office.settings)[0], "run_id": "g000002-going", "number": 2, "status": "running"}
        connection.execute(sa.insert(run_table).values({**row, "started_at": lease.now()}))
    answer = post(office.client("Stella"), "/runs/apply")
    assert answer.status_code == 400
    assert "a run is going on" in answer.text
    assert "g000002-going" in office.client("Vera").get("/runs").text
    with office.store.begin() as connection:
        connection.execute(sa.delete(run_table).where(run_table.c.run_id == "g000002-going"))


def test_erasing_a_person_empties_what_was_said_about_him(office: Office) -> None:
    from identity.privacy.decisions import clean
    from identity.privacy.plan import Plan

    client = office.client("Stella")
    post(client, "/cases/Rpair/comment", text="spoke with her")
    post(client, "/cases/Rcap/comment", text="this is Ann Example again")
    post(client, "/cases/Rshared/comment", text="a till")
    both = {"by": "Stella", "reason": "one family book", "size": 30}
    proposals.propose(office.store, "same", "Rpair", [[name] for name in office.pairs["Rpair"]], both)
    source, _, source_pk = office.pairs["Rpair"][0].partition(":")
    clean(
        office.store, Plan("E1", "exact", records=((source, source_pk),)), lambda text: text.replace("Ann Example", "…")
    )
    texts = {row["item_id"]: row["text"] for case in office.pairs for row in notes.comments(office.store, case)}
    assert texts == {"Rpair": None, "Rcap": None, "Rshared": "a till"}
    dumped = office.dump()
    assert "one family book" not in str(dumped["review_proposal"])
    assert source_pk not in str(dumped["review_comment"]) + str(dumped["review_proposal"])
    assert "erased" in client.get("/cases/Rpair").text
