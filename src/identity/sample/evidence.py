"""Which e-mail and phone each record shows, and the care that most records can be resolved in principle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from identity.sample.people import People
from identity.sample.plan import Plan
from identity.sample.rates import Rates, System
from identity.sample.text import Mask, chance, filled, stream

NONE, MAIN, SECOND, WORK, BORROWED, JUNK, STORE, MISTYPED = range(8)
LANDLINE, EXTENSION, DAMAGED = SECOND, WORK, STORE  # what the same slots mean for phones

_FORMS = (System.SHOPIFY_ORDER, System.SHOPIFY_CHECKOUT)
_HAND_TYPED = (*_FORMS, System.SQUARE_CUSTOMER, System.SALESFORCE_CONTACT, System.SALESFORCE_LEAD)
_ACCOUNTS = (System.SHOPIFY_CUSTOMER, System.KLAVIYO_PROFILE, System.MAILCHIMP_MEMBER)


@dataclass
class Evidence:
    """Kind of e-mail and of phone per record (0 = none), and the person borrowed from."""

    email: npt.NDArray[np.int8]
    phone: npt.NDArray[np.int8]
    lender: npt.NDArray[np.int64]


def make_evidence(people: People, plan: Plan, seed: int, rates: Rates) -> Evidence:
    """Draw the kinds, then add what is missing to join most records of a person."""
    rng = stream(seed, "evidence")
    evidence = Evidence(
        _email_kinds(rng, people, plan, rates), _phone_kinds(rng, people, plan, rates), _lenders(rng, people, plan)
    )
    _keep_namesakes_apart(people, plan, evidence)
    _steady(rng, people, plan, evidence, rates)
    _unique_accounts(people, plan, evidence)
    _bridge(people, plan, evidence, chance(rng, len(plan.person), rates.proportion_checkable))
    return evidence


def _is(plan: Plan, systems: tuple[System, ...]) -> Mask:
    return np.isin(plan.system, [int(system) for system in systems])


def _email_kinds(rng: np.random.Generator, people: People, plan: Plan, rates: Rates) -> npt.NDArray[np.int8]:
    size = len(plan.person)
    kind = np.where(plan.has_email, MAIN, NONE).astype(np.int8)
    has = plan.has_email
    second = filled(people.second_email)[plan.person]
    kind[has & second & (chance(rng, size, rates.second_email / 0.25) | _account_again(plan))] = SECOND
    kind[has & _is(plan, (System.SALESFORCE_CONTACT, System.SALESFORCE_LEAD)) & chance(rng, size, 0.4)] = WORK
    hand = has & _is(plan, _HAND_TYPED)
    kind[hand & chance(rng, size, rates.typo * 0.4)] = MISTYPED
    kind[hand & chance(rng, size, rates.junk)] = JUNK
    kind[has & _is(plan, _FORMS) & chance(rng, size, rates.borrowed)] = BORROWED
    store = np.flatnonzero((plan.system == System.SQUARE_CUSTOMER) & ~plan.instant & has)
    count = min(len(store), round(rates.till_store_email * len(plan.rows(System.SQUARE_CUSTOMER))))
    kind[rng.choice(store, size=count, replace=False)] = STORE
    return kind


def _account_again(plan: Plan) -> Mask:
    return plan.duplicate & _is(plan, _ACCOUNTS)


def _phone_kinds(rng: np.random.Generator, people: People, plan: Plan, rates: Rates) -> npt.NDArray[np.int8]:
    size = len(plan.person)
    kind = np.where(plan.has_phone, MAIN, NONE).astype(np.int8)
    has = plan.has_phone
    line = ((people.landline > 0) & (people.mobile > 0))[plan.person]
    kind[has & line & chance(rng, size, 0.35)] = LANDLINE
    hand = has & _is(plan, _HAND_TYPED)
    kind[hand & chance(rng, size, rates.typo)] = MISTYPED
    kind[hand & chance(rng, size, 2 * rates.junk)] = JUNK
    kind[hand & chance(rng, size, rates.excel_damage)] = DAMAGED
    kind[has & (plan.system == System.SALESFORCE_CONTACT) & chance(rng, size, 0.12)] = EXTENSION
    kind[has & _is(plan, _FORMS) & chance(rng, size, rates.borrowed)] = BORROWED
    return kind


def _lenders(rng: np.random.Generator, people: People, plan: Plan) -> npt.NDArray[np.int64]:
    """Whose e-mail or phone is borrowed: somebody of the household, else any friend."""
    families = people.families
    offset = rng.integers(1, 1_000_000, len(plan.person))
    size = families.size[plan.person].astype(np.int64)
    head = families.head[plan.person].astype(np.int64)
    relative = head + (plan.person - head + 1 + offset % np.maximum(size - 1, 1)) % np.maximum(size, 1)
    friend = (plan.person + offset) % len(people)
    lender = np.where(size >= 2, relative, friend)
    return np.where(lender == plan.person, (plan.person + 1) % len(people), lender)


def _steady(rng: np.random.Generator, people: People, plan: Plan, evidence: Evidence, rates: Rates) -> None:
    """A record with an unusual e-mail shows the usual phone, and the reverse, in nearly all cases."""
    size = len(plan.person)
    has_email = filled(people.email)[plan.person]
    has_phone = ((people.mobile > 0) | (people.landline > 0))[plan.person]
    careful = chance(rng, size, rates.proportion_checkable) & ~plan.instant
    odd_email = evidence.email > MAIN
    odd_phone = evidence.phone > MAIN
    both = odd_email & odd_phone & careful
    evidence.phone[both & has_phone] = MAIN
    evidence.email[both & ~has_phone] = MAIN
    alone = odd_email & (evidence.phone == NONE) & careful
    evidence.phone[alone & has_phone] = MAIN
    evidence.email[alone & ~has_phone & ~_account_again(plan)] = MAIN
    # A till that has only a number keeps it right most of the time: receipts go to it.
    alone = odd_phone & (evidence.email == NONE) & careful
    till = plan.system == System.SQUARE_CUSTOMER
    evidence.email[alone & has_email & ~till & ~_by_phone(people, plan)] = MAIN
    evidence.phone[alone & (evidence.email == NONE)] = MAIN
    # A shared landline never stands alone beside a shared e-mail.
    family = (evidence.email == MAIN) & people.shares_email[plan.person] & (evidence.phone == LANDLINE)
    evidence.phone[family & (people.mobile > 0)[plan.person]] = MAIN


def _keep_namesakes_apart(people: People, plan: Plan, evidence: Evidence) -> None:
    """Father and son of one name and address use their own e-mail and mobile; nothing else tells them apart."""
    namesake = people.families.suffix[plan.person] > 0
    evidence.email[namesake & (evidence.email == BORROWED)] = MAIN
    odd = np.isin(evidence.phone, [BORROWED, LANDLINE]) & (people.mobile > 0)[plan.person]
    evidence.phone[namesake & odd] = MAIN


def _by_phone(people: People, plan: Plan) -> Mask:
    """Accounts opened with a phone because the e-mail was taken by the partner."""
    second = people.shares_email & (people.families.head != np.arange(len(people)))
    return np.asarray((plan.system == System.SHOPIFY_CUSTOMER) & second[plan.person])


def _unique_accounts(people: People, plan: Plan, evidence: Evidence) -> None:
    """A shop account or list entry holds an e-mail once: a second one takes the second address or the phone."""
    account = plan.person * len(System) + plan.system
    twice = np.isin(account, account[_account_again(plan)])
    evidence.email[twice & ~plan.duplicate & (evidence.email == SECOND)] = MAIN
    again = _account_again(plan) & (evidence.email == MAIN)
    evidence.email[again] = SECOND
    has_phone = ((people.mobile > 0) | (people.landline > 0))[plan.person]
    taken = _by_phone(people, plan) & (evidence.email == MAIN)
    evidence.email[taken] = NONE
    evidence.phone[(again | taken) & has_phone] = MAIN


def _bridge(people: People, plan: Plan, evidence: Evidence, careful: Mask) -> None:
    """Where some records of a person show only the e-mail and others only the phone, one shows both."""
    count = len(people)
    by_email = (evidence.email == MAIN) & ~plan.instant
    by_phone = (evidence.phone == MAIN) & ~plan.instant

    def has(mask: Mask) -> Mask:
        return np.asarray(np.bincount(plan.person[mask], minlength=count) > 0, dtype=np.bool_)

    needs = has(by_email & ~by_phone) & has(by_phone & ~by_email) & ~has(by_email & by_phone)
    candidates = np.flatnonzero(by_email & (evidence.phone == NONE) & needs[plan.person] & careful)
    first = candidates[np.unique(plan.person[candidates], return_index=True)[1]]
    evidence.phone[first] = MAIN


def resolvable_share(people: People, plan: Plan, evidence: Evidence) -> float:
    """Share of true pairs joined by chains of equal own e-mails and phones (names and addresses not counted)."""
    size = len(plan.person)
    kinds = 16
    rows, nodes = [], []
    line_is_main = (people.mobile == 0)[plan.person]
    for slot, kind in ((0, evidence.email), (8, np.where((evidence.phone == MAIN) & line_is_main, 2, evidence.phone))):
        own = np.flatnonzero(np.isin(kind, [MAIN, SECOND, WORK] if slot == 0 else [MAIN, LANDLINE]))
        rows.append(own)
        nodes.append(size + plan.person[own] * kinds + slot + kind[own])
    row, node = np.concatenate(rows), np.concatenate(nodes)
    node = size + np.unique(node, return_inverse=True)[1]
    total = int(node.max(initial=size)) + 1
    graph = coo_matrix((np.ones(len(row), dtype=np.int8), (row, node)), shape=(total, total))
    label = connected_components(graph, directed=False)[1][:size]
    true = np.bincount(plan.person)
    joined = np.bincount(label)
    return float((joined * (joined - 1.0)).sum() / max(1.0, (true * (true - 1.0)).sum()))
