"""What makes link and resolve fast changes nothing: threads, chunks, sieves, kept codes."""

import random
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler
from tests.support.matching_cases import records_of

from identity.matching import block_pairs, codes, grouping, linking, resolving, similarity
from identity.matching.cluster import Constraints, Limits
from identity.matching.comparison import compare, fields_of
from identity.matching.linking import Candidates, Scored, link_records
from identity.matching.parallel import in_order
from identity.matching.records import Records
from identity.matching.resolving import Pairs, Resolved, limited_values, resolve_records
from identity.matching.words import Words

NOBODY = np.zeros(0, dtype=np.int64)


@pytest.fixture(scope="module")
def people() -> Records:
    """1,500 records of 600 people who leave fields out, mistype them, and share homes and telephones."""
    chance = random.Random(3)
    given = ["ann", "annie", "anna", "mary", "marie", "john", "jon", "peter", "petra", "luca", "jose luis", "josé"]
    family = ["quackenbush", "lee", "olsen", "olson", "van dyke", "dyke", "smith", "smyth", "garcia lopez", "müller"]

    def slip(text: str) -> str:
        at = chance.randrange(len(text))
        return text[:at] + chance.choice("abcdexyz") + text[at + 1 :] if chance.random() < 0.15 else text

    def record(person: int) -> dict[str, object]:
        known = random.Random(person)
        name, surname = known.choice(given), known.choice(family)
        home, local = known.randrange(200), f"{name[:3]}.{surname.replace(' ', '')}{known.randrange(90)}"
        found: dict[str, object] = {"name": (slip(name), slip(surname))}
        if chance.random() < 0.5:
            found["birth"] = (known.randint(1940, 2000), known.randint(1, 12), known.randint(1, 28))
        if chance.random() < 0.7:
            found["email"] = slip(local) + "@" + known.choice(["mail.org", "post.net"])
        if chance.random() < 0.5:
            found["phone"] = [f"+49301{known.randrange(10**6):06d}", f"+49302{home:06d}"][: chance.randint(1, 2)]
        if chance.random() < 0.6:
            street = f"{['mill', 'station', 'church'][home % 3]} {'lane' if home % 2 else 'road'}"
            found["address"] = (str(home), slip(street), None, f"AB{home % 40:03d}", "york")
        return found

    return records_of([record(chance.randrange(600)) for _ in range(1500)])


def linked(records: Records, threads: int = 1) -> tuple[Candidates, Scored, Resolved]:
    fields, pairs, model, scored = link_records(records, 40, threads)
    kept = Pairs(scored.left.astype(np.int64), scored.right.astype(np.int64), scored.weight, scored.vector)
    limits = Limits(200, {"emails": 10, "phones": 10, "addresses": 20})
    constraints = Constraints(limits, np.ones(records.size, np.int64), limited_values(records), (NOBODY, NOBODY))
    return pairs, scored, resolve_records(records, fields, model, kept, constraints, threads=threads)


def same(one: tuple[Candidates, Scored, Resolved], other: tuple[Candidates, Scored, Resolved]) -> bool:
    pairs = all(np.array_equal(getattr(one[0], name), getattr(other[0], name)) for name in ("left", "right", "rule"))
    scored = all(np.array_equal(getattr(one[1], name), getattr(other[1], name)) for name in Scored.__dataclass_fields__)
    inner = all(
        np.array_equal(getattr(one[2].inner, name), getattr(other[2].inner, name))
        for name in Pairs.__dataclass_fields__
    )
    return (
        pairs
        and scored
        and inner
        and np.array_equal(one[2].group, other[2].group)
        and one[2].refusals == other[2].refusals
    )


def test_any_number_of_threads_gives_the_same_links_and_clusters(people: Records):
    alone = linked(people)
    assert len(alone[0].left) > 5_000
    assert len(np.unique(alone[2].group)) < 1000
    assert same(alone, linked(people, threads=3))


def test_any_size_of_chunks_gives_the_same_links_and_clusters(people: Records, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(linking, "TRAINING_PAIRS", 3_000)
    whole = linked(people)
    monkeypatch.setattr(linking, "CHUNK", 701)
    monkeypatch.setattr(block_pairs, "CHUNK", 97)
    monkeypatch.setattr(resolving, "BATCH", 50)
    assert same(whole, linked(people, threads=2))


def test_the_sieves_hold_back_only_what_the_judges_would_not_take(people: Records, monkeypatch: pytest.MonkeyPatch):
    left, right = (side.astype(np.int32) for side in np.triu_indices(400, 1))
    sieved = compare(people, fields_of(people), left, right)

    def unsieved(values, one, other, judge, sieve=None, otherwise=0):
        low, high = np.minimum(one, other), np.maximum(one, other)
        return similarity._judged(values, low, high, judge)

    for module in ("compare_names", "compare_contacts", "compare_address"):
        monkeypatch.setattr(f"identity.matching.{module}.by_distinct", unsieved)
    judged = compare(people, fields_of(people), left, right)
    assert np.array_equal(sieved.levels, judged.levels)
    assert np.array_equal(sieved.shares, judged.shares)


def test_keys_too_long_for_one_integer_are_grouped_all_the_same():
    keys = np.array([2**62 + 1, 5, 2**62, 2**62 + 1, 5], dtype=np.int64)
    order = grouping._by_key(keys)
    assert keys[order].tolist() == sorted(keys.tolist())
    group, counts = grouping.groups(keys)
    assert counts[group].tolist() == [2, 2, 1, 2, 2]


texts = st.text(alphabet="abcdeqxz019.@ é", min_size=1, max_size=14)


@given(st.lists(texts, min_size=2, max_size=2, unique=True), st.sampled_from([0.75, 0.86, 0.9, 0.92]))
def test_no_similar_texts_are_held_back(pair: list[str], least: float):
    seen = similarity.glance(Words(tuple(pair)), np.zeros(1, np.int32), np.ones(1, np.int32))
    if JaroWinkler.normalized_similarity(*pair) >= least:
        assert similarity.may_be_alike(seen, least)[0]
    for most in (1, 2):
        if OSA.distance(*pair) <= most:
            assert similarity.may_be_edits(seen, most)[0]
    if pair[0].startswith(pair[1]) or pair[1] in pair[0] or pair[0] in pair[1]:
        assert similarity.may_begin(seen)[0]


@given(st.lists(texts, min_size=1, max_size=6, unique=True))
def test_what_is_known_of_texts_is_what_python_says(chosen: list[str]):
    words = Words(tuple(chosen))
    assert words.lengths.tolist() == [len(text) for text in chosen]
    assert words.initials.tolist() == [ord(text[0]) for text in chosen]
    assert words.is_compound.tolist() == [" " in text for text in chosen]
    assert words.is_number.tolist() == [text.isdecimal() for text in chosen]
    assert words.locals.texts == tuple(text.partition("@")[0] for text in chosen)
    assert words.take(np.arange(len(chosen), dtype=np.int32)) == chosen


def test_kept_codes_are_the_records_they_were_made_from(people: Records, tmp_path: Path):
    first = np.arange(people.size)
    codes.save(tmp_path / "codes", people, first, first)
    loaded = codes.load(tmp_path / "codes")
    assert loaded is not None
    assert np.array_equal(loaded[1], first)
    left, right = (side.astype(np.int32) for side in np.triu_indices(200, 1))
    before = compare(people, fields_of(people), left, right)
    after = compare(loaded[0], fields_of(loaded[0]), left, right)
    assert np.array_equal(before.levels, after.levels)
    assert np.array_equal(before.shares, after.shares)
    assert codes.load(tmp_path / "nothing") is None


def test_results_come_in_order_and_memory_follows_the_threads():
    begun: list[int] = []

    def slowly(number: int) -> int:
        begun.append(number)
        return number * number

    found = []
    for square in in_order(slowly, range(40), 3):
        found.append(square)
        assert len(begun) <= len(found) + 3
    assert found == [number * number for number in range(40)]


def test_an_error_on_a_thread_reaches_the_caller():
    def fails(number: int) -> int:
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        list(in_order(fails, range(10), 2))


def test_a_component_of_five_thousand_records_does_not_stall():
    """A chain through one borrowed telephone after the other: every two neighbours share one."""
    chance = random.Random(5)
    word = lambda: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7))  # noqa: E731
    chain = [
        {"name": (word(), word()), "phone": [f"+4930{n:07d}", f"+4930{n + 1:07d}"], "birth": (1980, 1 + n % 12, 3)}
        for n in range(5_000)
    ]
    records = records_of(chain)
    fields = fields_of(records)
    _, _, model, _ = link_records(records_of(chain[:200]), 40)
    left, right = np.arange(4_999), np.arange(1, 5_000)
    kept = Pairs(left, right, np.full(4_999, 50.0), np.zeros(4_999, np.int64))
    limits = Limits(200, {"emails": 10, "phones": 10, "addresses": 20})
    constraints = Constraints(limits, np.ones(5_000, np.int64), limited_values(records), (NOBODY, NOBODY))
    spent = time.process_time()
    found = resolve_records(records, fields, model, kept, constraints)
    assert time.process_time() - spent < 10
    assert np.bincount(found.group).max() <= 10


@given(st.lists(st.text(alphabet="abc ", min_size=1, max_size=24), min_size=2, max_size=2, unique=True))
def test_texts_that_share_a_word_share_a_bit(chosen: list[str]):
    words = Words(tuple(chosen))
    one, other = words.word_sets
    if not one.isdisjoint(other):
        assert words.word_masks[0] & words.word_masks[1]
