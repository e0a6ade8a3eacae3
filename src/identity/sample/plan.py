"""Which records exist: one row per source record with its person, system, time and what it will carry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from identity.sample.people import People
from identity.sample.rates import PRESENCE, Rates, System
from identity.sample.text import Mask, Times, chance, filled, stream

# Square sells tills in these countries only (US, GB, FR, ES, CA, AU).
_TILL_COUNTRIES = np.array([True, True, False, True, False, True, True, True])
_MOST_ORDERS = 50
_LISTS = (System.KLAVIYO_PROFILE, System.MAILCHIMP_MEMBER)
_PROFILE_LIKE = 0.35  # chance that a record of a standing profile was updated after a move or marriage


@dataclass
class Plan:
    """Columns of equal length, one row per record; the masks are changed while evidence is settled."""

    person: npt.NDArray[np.int64]
    system: npt.NDArray[np.int8]
    created: Times
    duplicate: Mask
    has_email: Mask
    has_phone: Mask
    has_address: Mask
    has_given: Mask
    has_family: Mask
    instant: Mask
    at_till: Mask
    refreshed: Mask

    def rows(self, system: System) -> npt.NDArray[np.int64]:
        """Positions of one system's records."""
        return np.flatnonzero(self.system == system)

    def select(self, rows: npt.NDArray[np.int64]) -> Plan:
        """The plan restricted to these rows."""
        return Plan(**{name: values[rows] for name, values in vars(self).items()})


def make_plan(people: People, seed: int, as_of: np.datetime64, rates: Rates) -> Plan:
    """Draw presence, duplicates, times and content for every person."""
    rng = stream(seed, "plan")
    present, instant_person = _presence(rng, people, rates)
    person, system, duplicate = _records(rng, present, rates)
    plan = _contents(stream(seed, "contents"), person, system, duplicate=duplicate, as_of=as_of)
    _instant_profiles(stream(seed, "instant"), plan, instant_person, rates)
    _respect_people(plan, people)
    return plan.select(_allowed(plan, people))


def _presence(rng: np.random.Generator, people: People, rates: Rates) -> tuple[dict[System, Mask], Mask]:
    """Who stands in which system, and who is known to the till only, by card and first name."""
    size = len(people)
    has_email = filled(people.email)
    present = {}
    for system, rule in PRESENCE.items():
        here = chance(rng, size, rule.chance)
        if system in _LISTS:
            here &= has_email
        if system is System.SQUARE_CUSTOMER:
            here &= _TILL_COUNTRIES[people.families.country]
        present[system] = here
    lonely = np.flatnonzero(~np.any(list(present.values()), axis=0))
    # Somebody in no system at all is no customer: give them one, orders most often.
    options = np.array([System.SHOPIFY_ORDER, System.SHOPIFY_CUSTOMER, System.SALESFORCE_CONTACT, System.ZENDESK_USER])
    given = options[rng.choice(4, size=len(lonely), p=[0.5, 0.25, 0.15, 0.1])]
    for system in options:
        present[System(system)][lonely[given == system]] = True
    till = PRESENCE[System.SQUARE_CUSTOMER].chance
    instant = chance(rng, size, till * rates.till_no_contact * 0.7) & _TILL_COUNTRIES[people.families.country]
    for system in PRESENCE:
        present[system][instant] = system is System.SQUARE_CUSTOMER
    return present, instant


def _records(
    rng: np.random.Generator, present: dict[System, Mask], rates: Rates
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8], Mask]:
    """Person, system and duplicate flag of each record: orders by a Pareto law, some entered twice."""
    persons, systems, duplicates = [], [], []
    for system, here in present.items():
        rows = np.flatnonzero(here)
        if system is System.SHOPIFY_ORDER:
            orders = np.floor((1 - rng.random(len(rows))) ** (-1 / 1.7)).clip(1, _MOST_ORDERS).astype(np.int64)
            rows, second = np.repeat(rows, orders), np.zeros(int(orders.sum()), dtype=bool)
        else:
            again = rows[chance(rng, len(rows), rates.duplicate_record)]
            second = np.arange(len(rows) + len(again)) >= len(rows)
            rows = np.concatenate([rows, again])
        persons.append(rows)
        systems.append(np.full(len(rows), system, dtype=np.int8))
        duplicates.append(second)
    return np.concatenate(persons), np.concatenate(systems), np.concatenate(duplicates)


def _contents(
    rng: np.random.Generator,
    person: npt.NDArray[np.int64],
    system: npt.NDArray[np.int8],
    *,
    duplicate: Mask,
    as_of: np.datetime64,
) -> Plan:
    """What each record carries, by its system's habits."""
    size = len(person)
    table = np.array([[r.email, r.phone, r.address, r.no_name, r.given_only, r.years_back] for r in PRESENCE.values()])
    rule = table[system]
    age = (60 + rng.random(size) * (rule[:, 5] * 365.2 * 86_400 - 120)).astype(np.int64)
    no_name = chance(rng, size, rule[:, 3])
    at_till = (system == System.SHOPIFY_ORDER) & chance(rng, size, 0.08)
    refreshed = chance(rng, size, _PROFILE_LIKE)
    refreshed &= (system != System.SHOPIFY_ORDER) & (system != System.SHOPIFY_CHECKOUT)
    return Plan(
        person=person,
        system=system,
        created=np.asarray(as_of.astype("datetime64[s]") - age.astype("timedelta64[s]")),
        duplicate=duplicate,
        has_email=chance(rng, size, rule[:, 0]),
        has_phone=chance(rng, size, rule[:, 1]),
        has_address=chance(rng, size, rule[:, 2]) & ~at_till,
        has_given=~no_name,
        has_family=~no_name & ~chance(rng, size, rule[:, 4]),
        instant=np.zeros(size, dtype=bool),
        at_till=at_till,
        refreshed=refreshed,
    )


def _instant_profiles(rng: np.random.Generator, plan: Plan, instant_person: Mask, rates: Rates) -> None:
    """Till customers: the wanted shares of no contact point, e-mail and phone, at most one bare record a person."""
    rows = plan.rows(System.SQUARE_CUSTOMER)
    bare = instant_person[plan.person[rows]] & ~plan.duplicate[rows]
    others = np.flatnonzero(~bare & ~plan.duplicate[rows])
    missing = max(0, round(rates.till_no_contact * len(rows)) - int(bare.sum()))
    bare[np.sort(rng.choice(others, size=min(missing, len(others)), replace=False))] = True
    reachable = 1 - rates.till_no_contact
    both = rates.till_email + rates.till_phone - reachable
    kind = rng.random(len(rows)) * reachable
    email = (kind < rates.till_email) & ~bare
    phone = ((kind < both) | (kind >= rates.till_email)) & ~bare
    plan.has_email[rows], plan.has_phone[rows] = email, phone
    plan.instant[rows] = bare
    plan.has_address[rows] &= ~bare
    plan.has_family[rows] &= ~bare | chance(rng, len(rows), 0.35)


def _respect_people(plan: Plan, people: People) -> None:
    """Nobody gives an address they do not have; who shares an e-mail writes the name beside it."""
    has_email = filled(people.email)[plan.person]
    has_phone = ((people.mobile > 0) | (people.landline > 0))[plan.person]
    plan.has_email &= has_email
    plan.has_phone &= has_phone
    shared = (people.shares_email | people.shares_phone)[plan.person] & ~plan.instant
    plan.has_given |= shared
    plan.has_family |= shared
    # A shop account is unique by e-mail: the second of two sharers opens it with the phone.
    accounts = plan.system == System.SHOPIFY_CUSTOMER
    second = people.shares_email & (people.families.head != np.arange(len(people)))
    by_phone = accounts & second[plan.person] & has_phone
    plan.has_email &= ~by_phone
    plan.has_phone |= by_phone
    nothing = ~plan.has_email & ~plan.has_phone & ~plan.instant
    plan.has_email |= nothing & has_email
    plan.has_phone |= nothing & ~has_email & has_phone


def _allowed(plan: Plan, people: People) -> npt.NDArray[np.int64]:
    """All rows but second list entries of a shared e-mail (a list holds an address once)."""
    lists = np.isin(plan.system, [int(s) for s in _LISTS])
    second = people.shares_email & (people.families.head != np.arange(len(people)))
    twice = lists & second[plan.person]
    account_again = np.isin(plan.system, [int(s) for s in (*_LISTS, System.SHOPIFY_CUSTOMER)]) & plan.duplicate
    without_second = ~filled(people.second_email)[plan.person]
    return np.flatnonzero(~twice & ~(account_again & without_second))
