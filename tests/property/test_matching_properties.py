"""Metamorphic relations of the matching core (PROMISES.md): they need no labels."""

from unicodedata import normalize

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.matching_cases import records_of

from identity.matching.cluster import Constraints, Limits
from identity.matching.comparison import compare, fields_of
from identity.matching.levels import Given
from identity.matching.linking import link_records
from identity.matching.model import prior_model, tables
from identity.matching.resolving import Pairs, limited_values, resolve_records
from identity.matching.score import evidence_of, probability, weights
from identity.standard.name_words import name_key
from identity.standard.scripts import transcribed

names = st.sampled_from(
    [
        "ann",
        "anna",
        "anne maria",
        "bob",
        "robert",
        "b",
        "lee",
        "li",
        "stone",
        "stonne",
        "o neill",
        "müller",
        "анна",
        "ли",
        "王",
        None,
    ]
)
records = st.fixed_dictionaries(
    {},
    optional={
        "name": st.tuples(names, names, names, st.sampled_from(["jr", "sr", None])).filter(lambda name: name[0] or name[1]),
        "birth": st.tuples(st.integers(1950, 1953), st.integers(1, 12), st.integers(1, 28)),
        "email": st.lists(st.sampled_from(["ann@x.org", "ann.lee@x.org", "annlee@y.org", "bob9@x.org"]), max_size=2, unique=True),
        "phone": st.lists(st.sampled_from(["+4930111111", "+4930111112", "30111111"]), max_size=2, unique=True),
        "addresses": st.lists(
            st.tuples(
                st.sampled_from(["1", "12", None]), st.sampled_from(["mill lane", "mil lane", None]), st.just(None),
                st.sampled_from(["AB1", "AB2", None]), st.sampled_from(["york", None]),
            ).filter(any),
            max_size=2,
        ),
        "ids": st.fixed_dictionaries({"national_id": st.sampled_from(["123456789", "123456798", "987654321"])}),
        "gender": st.sampled_from(["female", "male"]),
    },
)  # fmt: skip
ENDS = np.array([0], np.int32), np.array([1], np.int32)
NOBODY = np.zeros(0, dtype=np.int64)


@given(st.lists(records, min_size=2, max_size=12))
def test_the_weight_of_a_pair_is_the_same_both_ways(people):
    encoded = records_of(people)
    fields = fields_of(encoded)
    model = prior_model(fields, encoded.size)
    lookup = tables(model, encoded.size)
    left, right = (side.astype(np.int32) for side in np.triu_indices(encoded.size, 1))
    there = compare(encoded, fields, left, right)
    back = compare(encoded, fields, right, left)
    assert np.array_equal(there.levels, back.levels)
    assert np.array_equal(there.shares, back.shares)
    assert np.array_equal(weights(model, evidence_of(lookup, there)), weights(model, evidence_of(lookup, back)))


@settings(max_examples=15)
@given(st.lists(records, min_size=3, max_size=14), st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_does_not_move_clusters(people, random):
    encoded = records_of(people)
    fields, _, model, scored = link_records(encoded, 40)
    limits = Limits(200, {"emails": 10, "phones": 10, "addresses": 20})
    constraints = Constraints(limits, np.ones(encoded.size, np.int64), limited_values(encoded), (NOBODY, NOBODY))
    found = []
    order = list(range(len(scored.left)))
    for _ in range(2):
        pairs = Pairs(
            scored.left[order].astype(np.int64),
            scored.right[order].astype(np.int64),
            scored.weight[order],
            scored.vector[order],
        )
        found.append(resolve_records(encoded, fields, model, pairs, constraints).group.tolist())
        random.shuffle(order)
    assert found[0] == found[1]


@settings(max_examples=15)
@given(st.lists(records, min_size=2, max_size=8))
def test_a_weight_is_always_a_number(people):
    encoded = records_of(people)
    _, _, _, scored = link_records(encoded, 40)
    assert np.isfinite(scored.weight).all()


COMPARABLE = {"birth": (1950, 2, 3)}


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Zs", "Pd"]), min_size=1, max_size=12))
def test_case_spacing_and_composition_of_a_name_do_not_move_its_level(text):
    other = {**COMPARABLE, "name": ("anna", "meyer")}
    found = set()
    for form in (text, text.upper(), text.lower(), f"  {text} ", normalize("NFC", text), normalize("NFD", text)):
        key = name_key(form)
        if key is None or len(name_key(text.upper()) or "") != len(name_key(text.lower()) or ""):
            return  # nothing left to compare, or letters whose capitals are other letters
        pair = records_of([{**COMPARABLE, "name": (key, "meyer")}, other])
        found.add(tuple(compare(pair, fields_of(pair), *ENDS).levels[:, 0].tolist()))
    assert len(found) == 1


@given(st.text("абвгдежзиклмнопрстуфхцчшэюяіє", min_size=3, max_size=12))
def test_a_name_agrees_with_its_own_transcription(text):
    latin = transcribed(text)
    assert latin is not None
    pair = records_of([{**COMPARABLE, "name": (text, "meyer")}, {**COMPARABLE, "name": (latin, "meyer")}])
    assert compare(pair, fields_of(pair), *ENDS).levels[0, 0] == Given.TYPO


@given(st.lists(st.floats(-60, 60), min_size=2, max_size=20))
def test_more_weight_is_never_less_probability(found):
    chance = probability(np.sort(np.array(found)))
    assert (np.diff(chance) >= 0).all()
