"""P14: what a steward decided holds, can be undone, and contradictions are for a person (cases S1 to S9)."""

from pathlib import Path

import pytest
from tests.support.steward import ANN, ANN_AGAIN, ANNE, BEA, BY, CARL, Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def test_p14_s1_under_merge_two_strangers_become_one_and_undo_gives_both_ids_back(story: Story) -> None:
    first = story.run([ANN, BEA])
    assert first["a1"] != first["b1"]
    decision = story.decide("same", "crm:a1", "crm:b1")
    merged = story.again()
    assert merged["a1"] == merged["b1"] in first.values()
    survivor = merged["a1"]
    (loser,) = set(first.values()) - {survivor}
    assert ("merged_into", loser, survivor, None, "steward", "Stella") in story.events()
    pair = story.query("select stage, rule_id, outcome from match.candidate_pair where pk_a = 'a1' and pk_b = 'b1'")
    assert pair == [("steward", "steward_same", "link")]
    assert story.states()[decision] == ("active", "applied")
    story.undo(decision)
    assert story.again() == first
    assert story.query(f"select status from identity.profile where profile_id = '{loser}'") == [("active",)]
    assert story.query(f"select * from identity.profile_alias where old_profile_id = '{loser}'") == []
    assert ("reinstated", loser, survivor, None, "steward", "Stella") in story.events()
    assert story.again() == first
    assert story.events() == set()


def test_p14_s2_over_merge_equal_records_are_told_apart_and_undo_joins_them_again(story: Story) -> None:
    first = story.run([ANN, ANN_AGAIN, BEA])
    assert first["a1"] == first["a2"]
    decision = story.decide("not-same", "crm:a1", "crm:a2")
    apart = story.again()
    assert apart["a1"] != apart["a2"]
    (fresh,) = {apart["a1"], apart["a2"]} - {first["a1"]}
    assert ("split_from", fresh, first["a1"], None, "steward", "Stella") in story.events()
    pair = story.query("select stage, outcome, vetoed_by from match.candidate_pair where pk_a = 'a1' and pk_b = 'a2'")
    assert pair == [("steward", "vetoed", "steward_not_same")]
    assert story.again() == apart
    assert story.events() == set()
    story.undo(decision)
    assert story.again() == first
    assert ("merged_into", fresh, first["a1"], None, "steward", "Stella") in story.events()
    story.decide("not-same", "crm:a1", "crm:a2")
    assert story.again() == apart  # the id that was split off comes back


def test_p14_s3_a_contested_newcomer_stays_alone_and_goes_to_the_queue_with_both(story: Story) -> None:
    story.run([ANN, ANNE])
    story.decide("not-same", "crm:a1", "crm:a3")
    apart = story.again()
    assert apart["a1"] != apart["a3"]
    newcomer = ("n1", "Ann", "Quackenbush", "ann@one-mail.org", "", "1980-04-17")
    ids = story.run([ANN, ANNE, newcomer])
    assert len({ids["a1"], ids["a3"], ids["n1"]}) == 3
    (item,) = story.queue("contested")
    assert item["records"] == ["crm:n1", "crm:a1", "crm:a3"]
    assert story.again() == ids  # until somebody decides, also in the next run
    story.decide("same", "crm:n1", "crm:a3")
    assert story.queue("contested") == []
    ids = story.again()
    assert ids["n1"] == ids["a3"] != ids["a1"]
    assert story.queue("contested") == []


def test_p14_s4_a_confirmed_pair_stays_one_when_its_evidence_goes_and_is_raised_again(story: Story) -> None:
    first = story.run([ANN, ANNE])
    assert first["a1"] == first["a3"]
    decision = story.decide("same", "crm:a1", "crm:a3")
    changed = ("a3", "Zelda", "Brandt", "zelda@elsewhere.net", "(303) 555-0144", "1999-09-09")
    assert story.run([ANN, changed]) == first
    assert story.states()[decision] == ("stale", "applied")
    (item,) = story.queue("stale_decision")
    assert item["decisions"] == [decision]
    story.decide("same", "crm:a1", "crm:a3")
    assert story.queue("stale_decision") == []
    assert story.again() == first
    assert story.states()[decision][0] == "superseded"
    assert story.queue("stale_decision") == []


def test_p14_s5_a_blocked_value_lets_profiles_fall_apart_and_unblocking_joins_them_again(story: Story) -> None:
    one = ("a1", "Ann", "Quackenbush", "desk@one-mail.org", "", "")
    other = ("a2", "Anne", "Quackenbush", "desk@one-mail.org", "", "")
    first = story.run([one, other])
    assert first["a1"] == first["a2"]
    told = story.command("decide", "block", "email", "Desk@one-mail.org", *BY)
    assert "held by 2 records of 1 profiles today" in told.stdout
    apart = story.again()
    assert apart["a1"] != apart["a2"]
    assert {event[4:] for event in story.events()} == {("blocked_value", "Stella")}
    assert story.query("select rule, origin from std.blocked_value where id_type = 'email'") == [("steward", "manual")]
    assert story.query("select count(*) from gold.customer_360 where email = 'desk@one-mail.org'") == [(0,)]
    story.decide("unblock", "email", "desk@one-mail.org")
    assert story.again() == first


def test_p14_s6_a_rerun_changes_nothing_and_raises_nothing_that_was_resolved(story: Story) -> None:
    doubtful = ("a4", "Ann", "Quackenbush", "other@one-mail.org", "", "")
    story.run([ANN, doubtful, BEA])
    open_before = {item["item_id"] for item in story.queue()}
    story.decide("not-same", "crm:a1", "crm:a4")
    ids = story.again()
    after = {item["item_id"] for item in story.queue()}
    assert not any({"crm:a1", "crm:a4"} <= set(item["records"]) for item in story.queue())
    assert after <= open_before
    assert story.again() == ids
    assert {item["item_id"] for item in story.queue()} == after
    assert story.events() == set()


def test_p14_s7_contradicting_decisions_are_shown_and_not_followed(story: Story) -> None:
    first = story.run([ANN, BEA, CARL])
    story.decide("same", "crm:a1", "crm:b1")
    story.decide("same", "crm:b1", "crm:c1")
    told = story.command("decide", "not-same", "crm:a1", "crm:c1", *BY)
    assert "D3 contradicts D1, D2" in told.stderr
    (item,) = story.queue("contradiction")
    assert (item["decisions"], item["records"]) == (["D1", "D2", "D3"], ["crm:a1", "crm:b1", "crm:c1"])
    assert story.again() == first  # as published, neither word followed
    assert {state for _, state in story.states().values()} == {"contradiction"}
    assert [item["decisions"] for item in story.queue("contradiction")] == [["D1", "D2", "D3"]]
    story.undo("D2")
    assert story.queue("contradiction") == []
    ids = story.again()
    assert ids["a1"] == ids["b1"] != ids["c1"]
    assert story.queue("contradiction") == []


def test_p14_s8_a_mistake_is_taken_back_by_a_counter_decision(story: Story) -> None:
    first = story.run([ANN, BEA])
    wrong = story.decide("same", "crm:a1", "crm:b1")
    story.again()
    told = story.command("decide", "not-same", "crm:a1", "crm:b1", "--replaces", wrong, *BY)
    assert "takes the place of D1" in told.stdout
    assert told.stderr == ""
    assert story.again() == first
    assert story.states() == {"D1": ("superseded", None), "D2": ("active", "applied")}
    again = story.command("undo", "D1", *BY)
    assert "D3 recorded" in again.stdout
    assert "undone already, by D3" in story.command("undo", "D1", *BY, code=2).stderr


def test_p14_s9_figures_follow_in_retrospect(tmp_path: Path) -> None:
    story = Story(tmp_path)
    first = story.run([ANN, BEA])
    assert story.query("select max(n_source_records) from gold.customer_360") == [(1,)]
    story.decide("same", first["a1"], "crm:b1")  # a profile id stands for its records
    ids = story.again()
    rows = story.query(f"select n_source_records from gold.customer_360 where profile_id = '{ids['a1']}'")
    assert rows == [(2,)]
    assert story.query("select sum(n_source_records) from gold.customer_360") == [(32,)]


def test_p14_cannot_link_holds_by_way_of_others(story: Story) -> None:
    story.run([ANN, ANNE, BEA])
    story.decide("same", "crm:b1", "crm:a3")
    story.decide("not-same", "crm:b1", "crm:a1")
    ids = story.again()
    assert ids["b1"] == ids["a3"] != ids["a1"]


def test_p14_records_that_leave_together_stay_together(story: Story) -> None:
    first = story.run([ANN, ANN_AGAIN, ANNE])
    assert len(set(first.values())) == 1
    story.decide("split", first["a1"], "crm:a2", "crm:a3")
    ids = story.again()
    assert ids["a2"] == ids["a3"] != ids["a1"]
    assert first["a1"] in ids.values()


def test_p14_golden_values_are_pinned_excluded_and_corrected(story: Story) -> None:
    other = ("a3", "Anne", "Quackenbush", "anne@later-mail.org", "(212) 555-0101", "1980-04-17")
    ids = story.run([ANN, other])
    assert ids["a1"] == ids["a3"]
    golden = f"from gold.customer_360 where profile_id = '{ids['a1']}'"
    before = story.query(f"select email {golden}")[0][0]
    away, wanted = ("a1", "a3") if before == ANN[3] else ("a3", "a1")
    pinned = story.decide("pin", f"crm:{wanted}", "email")
    story.decide("exclude", f"crm:{away}", "name")
    story.decide("correct", ids["a1"], "phone", "+1 646 555 0199")
    story.decide("correct", "crm:a1", "address", "12 Mill Lane, Boston, MA 02108")
    story.again()
    rows = dict(zip((ANN[0], other[0]), (ANN, other), strict=True))
    assert story.query(f"select email, given_name, phone, city, postal_code {golden}") == [
        (rows[wanted][3], rows[wanted][1], "+16465550199", "Boston", "02108")
    ]
    rules = dict(story.query(f"select field_group, rule from gold.field_lineage where profile_id = '{ids['a1']}'"))
    assert {group for group, rule in rules.items() if rule == "steward"} == {"email", "name", "phone", "address"}
    points = story.query(f"select value, is_primary from gold.contact_point where profile_id = '{ids['a1']}'")
    assert ("+16465550199", True) in points
    assert (before, False) in points
    story.undo(pinned)
    story.again()
    assert story.query(f"select email {golden}") == [(before,)]
