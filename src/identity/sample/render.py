"""What each record shows of its person: name, contact points, address and birth date, with their dirt."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from identity.sample import dirt
from identity.sample import evidence as ev
from identity.sample.evidence import Evidence
from identity.sample.names import Pool, family_names, given_names, nicknames
from identity.sample.people import People
from identity.sample.places import COUNTRIES, COUNTRY_NAMES
from identity.sample.plan import Plan
from identity.sample.rates import Rates, System
from identity.sample.text import (
    Ints,
    Mask,
    Text,
    Times,
    chance,
    digits,
    glue,
    keep,
    pick,
    scatter,
    stream,
    texts,
    where,
)

STORE_EMAIL = "store@harborpine-supply.com"


@dataclass(frozen=True)
class Seen:
    """Columns of equal length, one row per record; an empty text is a field left empty."""

    person: npt.NDArray[np.int64]
    created: Times
    instant: Mask
    at_till: Mask
    duplicate: Mask
    given: Text
    family: Text
    suffix: Text
    email: Text
    phone: Text  # as the system stores it: `+` and digits, or what was typed in its place
    phone_typed: Text  # as a person wrote it
    street: Text
    unit: Text
    city: Text
    region: Text
    region_name: Text
    postcode: Text
    country: Text
    country_name: Text
    born: npt.NDArray[np.datetime64]
    landline: Mask

    def __len__(self) -> int:
        return len(self.person)

    def select(self, rows: npt.NDArray[np.int64]) -> Seen:
        """These rows only, in this order."""
        picked = {}
        for field in fields(self):
            values = getattr(self, field.name)
            picked[field.name] = values[rows] if isinstance(values, np.ndarray) else values.take(pa.array(rows))
        return Seen(**picked)

    def full_name(self) -> Text:
        """Given and family name in one field."""
        return pc.utf8_trim(glue(self.given, " ", self.family), " ")


def render(people: People, plan: Plan, evidence: Evidence, seed: int, rates: Rates) -> Seen:
    """Render every record of the plan."""
    given, family, suffix = _names(stream(seed, "names"), people, plan, rates)
    phone, typed = _phones(stream(seed, "phone texts"), people, plan, evidence)
    address = _addresses(stream(seed, "address texts"), people, plan, rates)
    country = people.families.country[plan.person]
    return Seen(
        person=plan.person,
        created=plan.created,
        instant=plan.instant,
        at_till=plan.at_till,
        duplicate=plan.duplicate,
        given=given,
        family=family,
        suffix=suffix,
        email=_emails(stream(seed, "email texts"), people, plan, evidence, rates),
        phone=phone,
        phone_typed=typed,
        country=keep(plan.has_address, pick(texts(COUNTRIES), country)),
        country_name=keep(plan.has_address, pick(texts(COUNTRY_NAMES), country)),
        born=people.families.born[plan.person],
        landline=evidence.phone == ev.LANDLINE,
        **address,
    )


def _names(rng: np.random.Generator, people: People, plan: Plan, rates: Rates) -> tuple[Text, Text, Text]:
    size, person, families = len(plan.person), plan.person, people.families
    accents = chance(rng, size, 0.7)
    given = _by_accents(given_names(), families.given[person], accents)
    nick = people.nickname[person]
    first = np.zeros(size, dtype=bool)
    order = rng.permutation(size)
    first[order[np.unique(person[order], return_index=True)[1]]] = True
    uses = (nick >= 0) & (first | chance(rng, size, 0.4))
    given = where(uses, pick(nicknames()[0], np.maximum(nick, 0)), given)
    middle = glue(" ", pick(texts("ABCDEFGHJKLMNPRSTVW"), person % 19), ".")
    given = where(chance(rng, size, 0.03), glue(given, middle), given)
    # An initial alone would make members of one household equal.
    initial = chance(rng, size, 0.012) & (families.size[person] == 1)
    given = where(initial, glue(pc.utf8_slice_codeunits(given, 0, 1), "."), given)
    before = families.family_before[person]
    old = (before >= 0) & (plan.created < people.renamed_at[person]) & ~plan.refreshed
    family = _by_accents(family_names(), np.where(old, before, families.family[person]), accents)
    maiden = pick(family_names().names, np.maximum(before, 0))
    family = where((before >= 0) & ~old & chance(rng, size, 0.12), glue(maiden, "-", family), family)
    given = dirt.mistyped(rng, given, chance(rng, size, rates.typo))
    family = dirt.mistyped(rng, family, chance(rng, size, rates.typo))
    suffix = pick(texts(["", "Sr.", "Jr."]), families.suffix[person])
    suffix = keep(chance(rng, size, 0.75), suffix)
    given, family = _misplaced(rng, given, family, plan)
    given = dirt.noisy_case(rng, keep(plan.has_given, given), rates.odd_case, rates.spacing)
    family = dirt.noisy_case(rng, keep(plan.has_family, family), rates.odd_case, rates.spacing)
    return given, family, suffix


def _by_accents(pool: Pool, index: Ints, accents: Mask) -> Text:
    return where(accents, pick(pool.names, index), pick(pool.plain, index))


def _misplaced(rng: np.random.Generator, given: Text, family: Text, plan: Plan) -> tuple[Text, Text]:
    """A few names stand in each other's field; a few fields hold a placeholder."""
    size = len(plan.person)
    swapped = chance(rng, size, 0.004) & plan.has_given & plan.has_family
    given, family = where(swapped, family, given), where(swapped, given, family)
    placeholder = dirt.junk(rng, size, dirt.JUNK_NAMES)
    return given, where(chance(rng, size, 0.003) & plan.has_given, placeholder, family)


def _emails(rng: np.random.Generator, people: People, plan: Plan, evidence: Evidence, rates: Rates) -> Text:
    kind, size = evidence.email, len(plan.person)
    rows = {k: np.flatnonzero(kind == k) for k in range(1, 8)}
    lent = people.email.take(evidence.lender[rows[ev.BORROWED]])
    own = people.email.take(plan.person[rows[ev.BORROWED]])
    wrong = people.email.take(plan.person[rows[ev.MISTYPED]])
    pieces = [
        (rows[ev.MAIN], people.email.take(plan.person[rows[ev.MAIN]])),
        (rows[ev.SECOND], people.second_email.take(plan.person[rows[ev.SECOND]])),
        (rows[ev.WORK], people.work_email.take(plan.person[rows[ev.WORK]])),
        (rows[ev.BORROWED], where(np.asarray(pc.not_equal(lent, "")), lent, own)),
        (rows[ev.MISTYPED], dirt.mistyped_email(rng, wrong, np.ones(len(wrong), dtype=bool))),
        (rows[ev.JUNK], dirt.junk(rng, len(rows[ev.JUNK]), dirt.JUNK_EMAILS)),
        (rows[ev.STORE], texts([STORE_EMAIL] * len(rows[ev.STORE]))),
    ]
    typed = np.isin(plan.system, [int(System.SHOPIFY_ORDER), int(System.SHOPIFY_CHECKOUT), int(System.SALESFORCE_LEAD)])
    forms = (kind == ev.MAIN) & typed & chance(rng, size, 0.02)
    return dirt.noisy_email(rng, scatter(size, pieces), forms, rates.odd_case, rates.spacing)


def _phones(rng: np.random.Generator, people: People, plan: Plan, evidence: Evidence) -> tuple[Text, Text]:
    kind = evidence.phone
    owner = np.where(kind == ev.BORROWED, evidence.lender, plan.person)
    main = np.where(people.mobile > 0, people.mobile, people.landline)[owner]
    owner = np.where(main == 0, plan.person, owner)
    main = np.where(people.mobile > 0, people.mobile, people.landline)[owner]
    number = np.where(kind == ev.LANDLINE, people.landline[owner], main)
    number = dirt.mistyped_digits(rng, number, kind == ev.MISTYPED)
    country = people.families.country[owner]
    usual = np.flatnonzero(np.isin(kind, [ev.MAIN, ev.LANDLINE, ev.BORROWED, ev.MISTYPED]) & (number > 0))
    junk, damaged = np.flatnonzero(kind == ev.JUNK), np.flatnonzero((kind == ev.DAMAGED) & (number > 0))
    short = np.flatnonzero(kind == ev.EXTENSION)
    odd = [
        (junk, dirt.junk(rng, len(junk), dirt.JUNK_PHONES)),
        (damaged, dirt.scientific(number[damaged])),
        (short, digits(rng.integers(1000, 9999, len(short)))),
    ]
    national_ok = plan.has_address[usual] & (kind[usual] != ev.BORROWED)
    typed = dirt.local_phone(rng, number[usual], country[usual], national_ok)
    size = len(plan.person)
    return (
        scatter(size, [(usual, dirt.canonical_phone(number[usual])), *odd]),
        scatter(size, [(usual, typed), *odd]),
    )


def _addresses(rng: np.random.Generator, people: People, plan: Plan, rates: Rates) -> dict[str, Text]:
    size, person, known = len(plan.person), plan.person, people.addresses
    old = (people.previous[person] >= 0) & (plan.created < people.moved_at[person]) & ~plan.refreshed
    row = np.where(old, people.previous[person], people.home[person])
    has = plan.has_address
    street = where(chance(rng, size, 0.4), pick(known.street_short, row), pick(known.street, row))
    street = dirt.mistyped(rng, street, has & chance(rng, size, rates.typo))
    city = dirt.mistyped(rng, pick(known.city, row), has & chance(rng, size, rates.typo * 0.6))
    postcode = dirt.mistyped(rng, pick(known.postcode, row), has & chance(rng, size, rates.typo * 0.2))
    postcode = where(chance(rng, size, 0.004), "-", postcode)
    return {
        "street": keep(has, dirt.noisy_case(rng, street, rates.odd_case, rates.spacing)),
        "unit": keep(has & ~chance(rng, size, 0.2), pick(known.unit, row)),
        "city": keep(has, dirt.noisy_case(rng, city, rates.odd_case, rates.spacing)),
        "region": keep(has, pick(known.region, row)),
        "region_name": keep(has, pick(known.region_name, row)),
        "postcode": keep(has, postcode),
    }
