"""What decisions mean together, against a slow oracle (P14); the log's chain and the CSV file (P15, P19)."""

import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from identity.runs.store import open_store
from identity.stewardship import csvfile
from identity.stewardship import log as decision_log
from identity.stewardship.closure import cannots, musts, ruling
from identity.stewardship.decisions import Decision, Key, Kind, Said, standing, states

AT = datetime(2026, 7, 1, 9, 30)
LETTERS = "abcdefg"
letters = st.sampled_from(LETTERS)


def key(letter: str) -> Key:
    return ("crm", letter)


@st.composite
def words(draw: st.DrawFn) -> Said:
    """A same, not_same or split about a few of seven records."""
    kind = draw(st.sampled_from([Kind.SAME, Kind.NOT_SAME, Kind.SPLIT, Kind.UNSURE]))
    named = draw(st.lists(letters, min_size=2, max_size=5, unique=True))
    cut = draw(st.integers(1, len(named) - 1))
    parts = tuple(map(key, named[:cut])), tuple(map(key, named[cut:]))
    return Said(kind, "s", AT, "r", parts)


logs = st.lists(words(), max_size=7).map(lambda said: [Decision(n, entry) for n, entry in enumerate(said, 1)])
published = st.dictionaries(letters, st.sampled_from("PQR"))


def oracle(log: list[Decision]) -> tuple[set[frozenset[Key]], set[Key]]:
    """(pairs that must be one after closing under transitivity, records in a contradiction), by brute force."""
    keys = [key(letter) for letter in LETTERS]
    one = {frozenset(pair) for decision in log for pair in musts(decision)}
    grown = True
    while grown:
        grown = False
        for a in keys:
            for b in keys:
                for c in keys:
                    chain = {frozenset((a, b)), frozenset((b, c))} <= one
                    if len({a, b, c}) == 3 and chain and frozenset((a, c)) not in one:
                        one.add(frozenset((a, c)))
                        grown = True
    two = {frozenset(pair) for decision in log for pair in cannots(decision)}
    torn = {record for pair in one & two for record in pair}
    torn |= {record for pair in one if pair & torn for record in pair}
    return one, torn


@given(log=logs, today=published)
def test_p14_the_closure_of_decisions_is_the_oracles(log: list[Decision], today: dict[str, str]) -> None:
    homes = {key(letter): home for letter, home in today.items()}
    found = ruling(log, homes)
    place = {record: number for number, group in enumerate(found.groups) for record in group}
    one, torn = oracle(log)
    for a, b in combinations(sorted(place), 2):
        together = place[a] == place[b]
        if a in torn or b in torn:  # stays as published, the new ones alone
            same_clump = frozenset((a, b)) in one
            assert together == (same_clump and a in homes and homes.get(a) == homes.get(b))
        else:
            assert together == (frozenset((a, b)) in one)
    apart = {frozenset(pair) for pair in found.apart}
    for decision in log:
        for a, b in cannots(decision):
            assert place[a] == place[b] or frozenset((place[a], place[b])) in apart
            assert place[a] != place[b] or a in torn
    for pair in found.apart:
        ends = [found.groups[number] for number in pair]
        said = any({place[a], place[b]} == set(pair) for decision in log for a, b in cannots(decision))
        assert said or all(set(group) <= torn for group in ends)
    assert {record for entry in found.contradictions for record in entry.records} == torn


@given(log=logs, today=published, chance=st.randoms(use_true_random=False))
def test_p12_the_order_of_equal_decisions_does_not_matter(log, today, chance) -> None:
    homes = {key(letter): home for letter, home in today.items()}
    mixed = list(log)
    chance.shuffle(mixed)
    first, second = ruling(log, homes), ruling(mixed, homes)
    assert first.groups == second.groups
    assert first.apart == second.apart
    assert first.contradicted == second.contradicted


@given(ended=st.lists(st.tuples(st.sampled_from(["undoes", "supersedes", "same"]), st.integers(1, 12)), max_size=12))
def test_p14_a_decision_stands_unless_something_standing_ended_it(ended) -> None:
    log = []
    for number, (what, target) in enumerate(ended, 1):
        said = Said(Kind.SAME, "s", AT, "r", ((key("a"),), (key("b"),)))
        if what != "same" and target < number:
            said = replace(said, **{what: target}, kind=Kind.UNDO if what == "undoes" else Kind.SAME)
        log.append(Decision(number, said))
    state = states(log)
    for decision in log:
        enders = [
            other
            for other in log
            if decision.number in (other.said.undoes, other.said.supersedes) and state[other.number] != "revoked"
        ]
        undone = any(other.said.undoes == decision.number for other in enders)
        expected = "revoked" if undone else "superseded" if enders else "active"
        assert state[decision.number] == expected
    assert {d.number for d in standing(log)} == {
        d.number for d in log if state[d.number] == "active" and d.said.kind is not Kind.UNDO
    }


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
keys = st.tuples(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), texts)
moments = st.integers(0, 10**9).map(lambda n: AT + timedelta(microseconds=n))


@st.composite
def entries(draw: st.DrawFn) -> list[Said]:
    """A log of any kinds, with hostile texts."""
    found: list[Said] = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from([kind for kind in Kind if number or kind is not Kind.UNDO]))
        parts: tuple[tuple[Key, ...], ...] = ()
        if kind in ("same", "not_same", "unsure", "split"):
            records = draw(st.lists(keys, min_size=2, max_size=4, unique=True))
            parts = (tuple(records[:1]), tuple(records[1:]))
        elif kind in ("pin_value", "exclude_value", "correct_value"):
            parts = ((draw(keys),),)
        wanted = parts and kind not in ("same", "not_same", "unsure", "split")
        blocking = kind in ("block_value", "unblock_value")
        found.append(
            Said(
                kind=kind,
                decided_by=draw(texts.filter(str.strip)),
                at=draw(moments),
                reason=draw(texts | st.none()),
                parts=parts,
                field="email" if wanted or blocking else None,
                value=draw(texts) if wanted or blocking else None,
                undoes=draw(st.integers(1, number)) if kind == "undo" else None,
                supersedes=draw(st.integers(1, number)) if number and kind != "undo" and draw(st.booleans()) else None,
                assignee=draw(texts | st.none()),
                due=draw(st.dates(date(2020, 1, 1), date(2030, 1, 1)) | st.none()),
                evidence=tuple("0123456789abcdef" for part in parts for _ in part),
            )
        )
    return found


@given(said=entries())
def test_p19_decisions_go_to_csv_and_come_back_exactly_and_no_cell_is_a_formula(said: list[Said]) -> None:
    log = [Decision(number, entry) for number, entry in enumerate(said, 1)]
    text = csvfile.write(log)
    rows = csvfile.read(text, "log.csv", datetime.now(UTC).replace(tzinfo=None))
    assert [row.said for row in rows] == said
    assert [row.number for row in rows] == [decision.number for decision in log]
    assert csvfile.write([Decision(row.number or 0, row.said) for row in rows]) == text
    import csv
    import io

    for cells in csv.reader(io.StringIO(text, newline="")):
        assert not any(cell[:1] in set("=+-@\t\r\n|%") and cell for cell in cells)


@given(said=entries())
@settings(max_examples=15)
def test_p15_what_is_appended_is_read_back_and_the_chain_is_whole(said: list[Said]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        decision_log.append(store, b"secret", said[:1])
        decision_log.append(store, b"secret", said[1:])
        log = decision_log.read(store)
        assert [decision.said for decision in log] == said
        verified = decision_log.verify(store, b"secret", {d.number: d.chain_hash for d in log})
        assert (verified.decisions, verified.problems) == (len(said), ())
        assert decision_log.verify(store, b"another").problems
