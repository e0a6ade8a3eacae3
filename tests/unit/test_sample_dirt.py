"""Records show their people with the promised dirt, and no more than can be undone in most cases."""

import numpy as np
import phonenumbers
import pytest

from identity.sample import Rates
from identity.sample import evidence as kinds
from identity.sample.dirt import JUNK_EMAILS, JUNK_PHONES
from identity.sample.evidence import Evidence, make_evidence
from identity.sample.names import family_names, fold
from identity.sample.people import People, make_people
from identity.sample.plan import Plan, make_plan
from identity.sample.rates import System
from identity.sample.render import STORE_EMAIL, Seen, render

NOW = np.datetime64("2026-11-22T08:30:00", "s")


@pytest.fixture(scope="module")
def world() -> tuple[People, Plan, Evidence, Seen]:
    rates = Rates()
    people = make_people(5_000, 5, NOW, rates)
    plan = make_plan(people, 5, NOW, rates)
    evidence = make_evidence(people, plan, 5, rates)
    return people, plan, evidence, render(people, plan, evidence, 5, rates)


def test_one_field_in_twenty_is_mistyped(world: tuple[People, Plan, Evidence, Seen]) -> None:
    people, plan, _, seen = world
    steady = (people.families.family_before < 0)[plan.person]
    true = family_names().folded.take(people.families.family[plan.person]).to_pylist()
    shown = [fold(name) for name in seen.family.to_pylist()]
    compared = [(a, b) for a, b, same in zip(true, shown, steady, strict=True) if same and b]
    wrong = np.mean([a != b for a, b in compared])
    # Swapped and placeholder names come on top of the slips; a slip may leave the letters equal.
    assert wrong == pytest.approx(0.055, abs=0.012)


def test_junk_and_borrowed_contact_points_return(world: tuple[People, Plan, Evidence, Seen]) -> None:
    people, plan, evidence, seen = world
    emails, phones = (set(values.to_pylist()) for values in (seen.email, seen.phone))
    assert emails & set(JUNK_EMAILS)
    assert phones & set(JUNK_PHONES)
    assert {value.strip().lower() for value in emails} >= {STORE_EMAIL}
    borrowed = np.flatnonzero(evidence.email == kinds.BORROWED)
    assert len(borrowed) > 10
    owners = {email: i for i, email in enumerate(people.email.to_pylist()) if email}
    lent = [owners.get(seen.email[int(i)].as_py().strip().lower()) for i in borrowed]
    assert (
        np.mean([owner is not None and owner != plan.person[i] for owner, i in zip(lent, borrowed, strict=True)]) > 0.7
    )


def test_namesakes_of_a_household_never_share_a_contact_point(world: tuple[People, Plan, Evidence, Seen]) -> None:
    people, plan, evidence, seen = world
    rows = np.flatnonzero(people.families.suffix[plan.person] > 0)
    assert len(rows)
    assert not np.isin(evidence.email[rows], [kinds.BORROWED]).any()
    for column in (seen.email, seen.phone):
        owner: dict[str, int] = {}
        for row in rows.tolist():
            value = column[row].as_py().strip().lower()
            if "@" in value[1:] or value.startswith("+"):
                assert owner.setdefault(value, int(plan.person[row])) == plan.person[row]


def test_phones_as_typed_mean_the_stored_number(world: tuple[People, Plan, Evidence, Seen]) -> None:
    _, plan, evidence, seen = world
    rows = np.flatnonzero((evidence.phone == kinds.MAIN) & plan.has_address)[:1_500]
    agree = []
    for row in rows.tolist():
        stored, typed = seen.phone[row].as_py(), seen.phone_typed[row].as_py()
        read = phonenumbers.parse(typed, seen.country[row].as_py() or "US")
        agree.append(phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164) == stored)
    # Numbers dialled with 00 from North America are not read as international there.
    assert np.mean(agree) > 0.97


def test_nothing_is_dated_after_the_export(world: tuple[People, Plan, Evidence, Seen]) -> None:
    _, plan, _, seen = world
    assert (plan.created < NOW).all()
    assert (seen.born < NOW.astype("datetime64[D]")).all()


def test_movers_show_the_old_address_before_and_the_new_one_after(world: tuple[People, Plan, Evidence, Seen]) -> None:
    people, plan, _, seen = world
    orders = (plan.system == System.SHOPIFY_ORDER) & plan.has_address & (people.previous >= 0)[plan.person]
    before = plan.created < people.moved_at[plan.person]
    region = people.addresses.region_name
    for mask, where in ((orders & before, people.previous), (orders & ~before, people.home)):
        rows = np.flatnonzero(mask)
        assert len(rows) > 50
        expected = region.take(where[plan.person[rows]]).to_pylist()
        assert seen.region_name.take(rows).to_pylist() == expected
