"""P14: what a steward decided holds, can be undone, and contradictions are for a person (cases S1 to S9).

One story of six generations: 1 before any decision, 2 with the first decisions, 3 the same with a newcomer and a
changed record, 4 a plain re-run, 5 after second thoughts, 6 after third ones.
"""

import re
from pathlib import Path

import pytest
from tests.support.cli import people
from tests.support.report_queries import every_query_gives_its_figures
from tests.support.steward import BY, Row, Story

from identity.settings import load

BIRTHS = [f"19{60 + n}-{1 + n % 12:02d}-{1 + n:02d}" for n in range(24)]
PEOPLE = people(24, first=40)


def person(number: int, key: str, **changed: str) -> Row:
    """A record of the nth person; `changed` replaces first, last, mail, phone or birth."""
    _, first, last, mail, phone = PEOPLE[number]
    values = {"first": first, "last": last, "mail": mail, "phone": phone, "birth": BIRTHS[number], **changed}
    return (key, *(str(value) for value in values.values()))


DESK = {"mail": "desk@harbor-mail.org", "phone": "", "birth": ""}
FIRST = [
    person(0, "s1a"), person(1, "s1b"),
    person(2, "s2a"), person(2, "s2b"),
    person(3, "s3a"), person(3, "s3b", first=f"{PEOPLE[3][1]}e"),
    person(4, "s4a"), person(4, "s4b", first=f"{PEOPLE[4][1]}e"),
    person(5, "s5a", **DESK), person(5, "s5b", first=f"{PEOPLE[5][1]}e", **DESK),
    person(6, "s6a"), person(6, "s6b", mail="else@harbor-mail.org", phone="", birth=""),
    person(7, "s7a"), person(8, "s7b"), person(9, "s7c"),
    person(10, "s8a"), person(11, "s8b"),
    person(12, "s9a"), person(13, "s9b"),
    person(14, "via1"), person(14, "via2", first=f"{PEOPLE[14][1]}e"), person(15, "via3"),
    person(16, "leave1"), person(16, "leave2"), person(16, "leave3", first=f"{PEOPLE[16][1]}e"),
    person(17, "gold1"), person(17, "gold2", first=f"{PEOPLE[17][1]}e", mail="gold@later-mail.org"),
]  # fmt: skip
NEWCOMER = person(3, "s3n", phone="")
CHANGED = person(18, "s4b")
ORDERS = [("o1", "s9a", "2026-06-01", "10.00"), ("o2", "s9b", "2026-06-02", "7.50")]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    told = Story(tmp_path_factory.mktemp("story"))
    told.deliver(FIRST, ORDERS)
    told.run()
    told.named = {}
    told.told = {}
    _first_decisions(told)
    told.run()
    told.deliver([*(CHANGED if row[0] == "s4b" else row for row in FIRST), NEWCOMER])
    told.run()
    told.run()
    told.told["queue 4"] = told.queue()
    _second_thoughts(told)
    told.told["queue before 5"] = told.queue()
    told.run()
    told.told["queue 5"] = told.queue()
    told.undo(told.named["undo s2"])
    told.undo(told.named["pin"])
    told.run()
    return told


def _first_decisions(story: Story) -> None:
    named = story.named
    named["s1"] = story.decide("same", "crm:s1a", "crm:s1b")
    named["s2"] = story.decide("not-same", "crm:s2a", "crm:s2b")
    named["s3"] = story.decide("not-same", "crm:s3a", "crm:s3b")
    named["s4"] = story.decide("same", "crm:s4a", "crm:s4b")
    story.told["block"] = story.command("decide", "block", "email", "Desk@harbor-mail.org", *BY).stdout
    named["s6"] = story.decide("not-same", "crm:s6a", "crm:s6b")
    named["s7 ab"] = story.decide("same", "crm:s7a", "crm:s7b")
    named["s7 bc"] = story.decide("same", "crm:s7b", "crm:s7c")
    story.told["contradiction"] = story.command("decide", "not-same", "crm:s7a", "crm:s7c", *BY)
    story.told["contradiction in queue"] = story.queue("contradiction")
    named["s8"] = story.decide("same", "crm:s8a", "crm:s8b")
    named["s9"] = story.decide("same", story.profiles(1)["s9a"], "crm:s9b")  # a profile id stands for its records
    story.decide("same", "crm:via3", "crm:via2")
    story.decide("not-same", "crm:via3", "crm:via1")
    story.decide("split", story.profiles(1)["leave1"], "crm:leave2", "crm:leave3")
    golden = dict(
        story.query(1, "select winning_source_pk, profile_id from gold.field_lineage where field_group = 'email'")
    )
    story.told["away"] = next(key for key in ("gold1", "gold2") if key in golden)
    story.told["wanted"] = "gold2" if story.told["away"] == "gold1" else "gold1"
    named["pin"] = story.decide("pin", f"crm:{story.told['wanted']}", "email")
    story.decide("exclude", story.profiles(1)["gold1"], "birth_date")
    story.decide("correct", story.profiles(1)["gold1"], "phone", "+1 646 555 0199")
    story.decide("correct", "crm:gold1", "address", "12 Mill Lane, Boston, MA 02108")
    named["due"] = story.decide(
        "correct", "crm:gold2", "name", "Dr. Augusta Ada Thistlewood", "--due", "2026-07-07", "--assignee", "Max"
    )


def _second_thoughts(story: Story) -> None:
    named = story.named
    story.undo(named["s1"])
    named["undo s2"] = story.undo(named["s2"])
    story.decide("same", "crm:s3n", "crm:s3b")
    named["s4 again"] = story.decide("same", "crm:s4a", "crm:s4b")
    story.decide("unblock", "email", "desk@harbor-mail.org")
    story.undo(named["s7 bc"])
    story.told["replaces"] = story.command("decide", "not-same", "crm:s8a", "crm:s8b", "--replaces", named["s8"], *BY)


def changed(story: Story, generation: int, *keys: str) -> bool:
    before, after = story.profiles(generation - 1), story.profiles(generation)
    return any(before.get(key) != after[key] for key in keys)


def test_p14_s1_under_merge_two_strangers_become_one_and_undo_gives_both_ids_back(story: Story) -> None:
    one, other = (story.profiles(1)[key] for key in ("s1a", "s1b"))
    assert one != other
    survivor = story.profiles(2)["s1a"]
    assert story.profiles(2)["s1b"] == survivor
    (loser,) = {one, other} - {survivor}
    assert ("merged_into", loser, survivor, None, "steward", "Stella") in story.events(2)
    pair = "select stage, rule_id, outcome from match.candidate_pair where pk_a = 's1a' and pk_b = 's1b'"
    assert story.query(2, pair) == [("steward", "steward_same", "link")]
    assert story.query(2, "select link_method from identity.profile_xref where source_pk = 's1a'") == [
        ("steward_same",)
    ]
    assert story.states(2)[story.named["s1"]] == ("active", "applied")
    assert (story.profiles(5)["s1a"], story.profiles(5)["s1b"]) == (one, other)
    assert story.states(5)[story.named["s1"]] == ("revoked", None)
    assert story.query(5, f"select status from identity.profile where profile_id = '{loser}'") == [("active",)]
    assert story.query(5, f"select * from identity.profile_alias where old_profile_id = '{loser}'") == []
    assert ("reinstated", loser, survivor, None, "steward", "Stella") in story.events(5)


def test_p14_s2_over_merge_equal_records_are_told_apart_and_undo_joins_them_again(story: Story) -> None:
    whole = story.profiles(1)["s2a"]
    assert story.profiles(1)["s2b"] == whole
    ids = {story.profiles(2)[key] for key in ("s2a", "s2b")}
    (fresh,) = ids - {whole}
    assert ("split_from", fresh, whole, None, "steward", "Stella") in story.events(2)
    pair = "select stage, outcome, vetoed_by from match.candidate_pair where pk_a = 's2a' and pk_b = 's2b'"
    assert story.query(2, pair) == [("steward", "vetoed", "steward_not_same")]
    assert {story.profiles(5)[key] for key in ("s2a", "s2b")} == {whole}
    assert ("merged_into", fresh, whole, None, "steward", "Stella") in story.events(5)
    # the undo itself is undone: the id that was split off comes back
    assert {key: story.profiles(6)[key] for key in ("s2a", "s2b")} == {
        key: story.profiles(2)[key] for key in ("s2a", "s2b")
    }
    assert ("reinstated", fresh, whole, None, "steward", "Stella") in story.events(6)


def test_p14_s3_a_contested_newcomer_stays_alone_and_goes_to_the_queue_with_both(story: Story) -> None:
    for generation in (3, 4):  # until somebody decides, not only in its first run
        assert len({story.profiles(generation)[key] for key in ("s3a", "s3b", "s3n")}) == 3
        items = story.query(generation, "select records from steward.review_item where kind = 'contested'")
        assert items == [(["crm:s3n", "crm:s3a", "crm:s3b"],)]
    assert story.profiles(5)["s3n"] == story.profiles(5)["s3b"] == story.profiles(2)["s3b"]
    assert story.profiles(5)["s3a"] == story.profiles(2)["s3a"]
    assert not [item for item in story.told["queue before 5"] + story.told["queue 5"] if item["kind"] == "contested"]


def test_p14_s4_a_confirmed_pair_stays_one_when_its_evidence_goes_and_is_raised_again(story: Story) -> None:
    assert not any(changed(story, generation, "s4a", "s4b") for generation in range(2, 7))
    assert story.states(3)[story.named["s4"]] == ("stale", "applied")
    stale = [item for item in story.told["queue 4"] if item["kind"] == "stale_decision"]
    assert [item["decisions"] for item in stale] == [[story.named["s4"]]]
    assert not [item for item in story.told["queue before 5"] if item["kind"] == "stale_decision"]
    assert story.states(5)[story.named["s4"]] == ("superseded", None)
    assert story.states(5)[story.named["s4 again"]] == ("active", "applied")
    assert not [item for item in story.told["queue 5"] if item["kind"] == "stale_decision"]


def test_p14_s5_a_blocked_value_lets_profiles_fall_apart_and_unblocking_joins_them_again(story: Story) -> None:
    whole = story.profiles(1)["s5a"]
    assert story.profiles(1)["s5b"] == whole
    assert "held by 2 records of 1 profiles today" in story.told["block"]
    (fresh,) = {story.profiles(2)[key] for key in ("s5a", "s5b")} - {whole}
    assert ("split_from", fresh, whole, None, "blocked_value", "Stella") in story.events(2)
    blocked = "select rule, origin from std.blocked_value where id_value = 'desk@harbor-mail.org'"
    assert story.query(2, blocked) == [("steward", "manual")]
    golden = "select count(*) from gold.customer_360 where email = 'desk@harbor-mail.org'"
    assert story.query(2, golden) == [(0,)]
    assert {story.profiles(5)[key] for key in ("s5a", "s5b")} == {whole}
    assert ("merged_into", fresh, whole, None, "blocked_value", "Stella") in story.events(5)
    assert story.query(5, golden) == [(1,)]


def test_p14_s6_a_rerun_changes_nothing_and_raises_nothing_that_was_resolved(story: Story) -> None:
    def about(generation: int) -> list[str]:
        rows = story.query(generation, "select item_id, records from steward.review_item order by item_id")
        return [item for item, records in rows if {"crm:s6a", "crm:s6b"} <= set(records)]

    assert story.profiles(2)["s6a"] != story.profiles(2)["s6b"]
    assert [about(generation) for generation in range(2, 7)] == [[]] * 5
    assert story.profiles(4) == story.profiles(3)
    assert story.events(4) == set()
    ids = "select item_id, since_run from steward.review_item order by item_id"
    assert story.query(4, ids) == story.query(3, ids)


def test_p14_s7_contradicting_decisions_are_shown_and_not_followed(story: Story) -> None:
    names = [story.named["s7 ab"], story.named["s7 bc"]]
    last = f"D{int(names[1][1:]) + 1}"
    assert f"{last} contradicts {names[0]}, {names[1]}: none of them is followed" in story.told["contradiction"].stderr
    for items in (story.told["contradiction in queue"], story.told["queue 4"]):
        found = [item for item in items if item["kind"] == "contradiction" and item["why"] == "decisions_disagree"]
        assert [item["decisions"] for item in found] == [[*names, last]]
        assert found[0]["records"] == ["crm:s7a", "crm:s7b", "crm:s7c"]
    assert not any(changed(story, generation, "s7a", "s7b", "s7c") for generation in (2, 3, 4))  # as published
    assert {story.states(2)[name] for name in (*names, last)} == {("active", "contradiction")}
    assert story.profiles(5)["s7a"] == story.profiles(5)["s7b"] != story.profiles(5)["s7c"]
    assert not [item for item in story.told["queue before 5"] if item["why"] == "decisions_disagree"]


def test_p14_s8_a_mistake_is_taken_back_by_a_counter_decision(story: Story) -> None:
    assert story.profiles(2)["s8a"] == story.profiles(2)["s8b"]
    assert f"takes the place of {story.named['s8']}" in story.told["replaces"].stdout
    assert story.told["replaces"].stderr == ""
    assert [story.profiles(5)[key] for key in ("s8a", "s8b")] == [story.profiles(1)[key] for key in ("s8a", "s8b")]
    assert story.states(5)[story.named["s8"]] == ("superseded", None)


def test_p14_s9_figures_follow_in_retrospect(story: Story) -> None:
    revenue = "select orders, revenue from gold.customer_360 where orders > 0 order by all"
    assert [tuple(map(float, row)) for row in story.query(1, revenue)] == [(1, 7.5), (1, 10)]
    assert [tuple(map(float, row)) for row in story.query(2, revenue)] == [(2, 17.5)]


def test_p14_cannot_link_holds_by_way_of_others(story: Story) -> None:
    for generation in range(2, 7):
        ids = story.profiles(generation)
        assert ids["via2"] == ids["via3"] != ids["via1"]


def test_p14_records_that_leave_together_stay_together(story: Story) -> None:
    assert len({story.profiles(1)[key] for key in ("leave1", "leave2", "leave3")}) == 1
    for generation in range(2, 7):
        ids = story.profiles(generation)
        assert ids["leave2"] == ids["leave3"] != ids["leave1"]


def test_p14_golden_values_are_pinned_excluded_and_corrected(story: Story) -> None:
    profile = story.profiles(1)["gold1"]
    mails = {"gold1": PEOPLE[17][3], "gold2": "gold@later-mail.org"}
    wanted, away = mails[story.told["wanted"]], mails[story.told["away"]]
    golden = f"from gold.customer_360 where profile_id = '{profile}'"
    assert story.query(1, f"select email {golden}") == [(away,)]
    columns = "email, birth_date, phone, address_line1, city, postal_code, given_name, family_name"
    assert story.query(2, f"select {columns} {golden}") == [
        (wanted, None, "+16465550199", "12 Mill Lane", "Boston", "02108", "Augusta", "Thistlewood")
    ]
    rules = story.query(2, f"select field_group, rule from gold.field_lineage where profile_id = '{profile}'")
    assert {group for group, rule in rules if rule == "steward"} == {"email", "phone", "address", "name"}
    points = story.query(2, f"select value, is_primary from gold.contact_point where profile_id = '{profile}'")
    assert {("+16465550199", True), (away, False)} <= set(points)
    assert story.query(6, f"select email {golden}") == [(away,)]  # the pin was undone
    assert story.query(6, f"select phone {golden}") == [("+16465550199",)]


def test_p15_the_log_is_whole_after_the_story_and_goes_out_and_in_again(story: Story, tmp_path: Path) -> None:
    told = story.command("decisions", "--verify").stdout
    assert "the log is whole" in told
    story.command("decisions", "--export", tmp_path / "log.csv")
    assert "0 decisions added" in story.command("decisions", "--import", tmp_path / "log.csv").stdout
    listed = story.command("decisions").stdout
    assert "646" not in listed
    assert "seen on paper" not in listed


def test_p14_a_decision_comes_back_to_its_assignee_on_the_day_it_is_due(story: Story) -> None:
    def due(generation: int) -> list[tuple]:
        query = "select decisions, assignee from steward.review_item where why = 'due'"
        return story.query(generation, query)

    # generations 5 and 6 are of the 6th and 7th of July
    assert [due(5), due(6)] == [[], [([story.named["due"]], "Max")]]


def test_the_report_compares_with_the_run_before_and_its_queries_give_its_figures_in_a_shell(story: Story) -> None:
    settings = load(story.config, warehouse=story.warehouse)
    assert every_query_gives_its_figures(settings) > 50
    text = (settings.state / "reports" / "latest.html").read_text(encoding="utf-8")
    cells = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    records = [story.query(n, "select count(*) from std.source_record")[0][0] for n in (6, 5)]
    assert f" source records {records[0]} {records[1]} " in cells, "this run's beside the last one's"
    by_kind = dict(story.query(6, "select kind, count(*) from steward.decision group by kind"))
    assert f" not same {by_kind['not_same']} " in cells
    waiting = dict(story.query(6, "select kind, count(*) from steward.review_item group by kind"))
    assert not waiting.get("contested") or f" newcomer that fits two kept apart {waiting['contested']} " in cells
