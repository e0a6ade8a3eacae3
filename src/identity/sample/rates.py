"""How dirty the sample is: the closed set of record kinds and one frozen object of rates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class System(IntEnum):
    """Kinds of source record the sample writes; `source_name` is the name used in the truth."""

    SHOPIFY_CUSTOMER = 0
    SHOPIFY_ORDER = 1
    SHOPIFY_CHECKOUT = 2
    SQUARE_CUSTOMER = 3
    KLAVIYO_PROFILE = 4
    MAILCHIMP_MEMBER = 5
    ZENDESK_USER = 6
    SALESFORCE_CONTACT = 7
    SALESFORCE_LEAD = 8

    @property
    def source_name(self) -> str:
        """The record's `source` in the truth and in `identity.profile_xref`."""
        return self.name.lower()


@dataclass(frozen=True)
class Rates:
    """Shares between 0 and 1; the defaults are those the sample promises.

    Of all people: `in_households`, `share_email`, `share_phone`, `moved`, `surname_changed`,
    `nickname`. Of typed fields: `typo`. Of till customers: `till_*`. Of records: the rest.
    """

    in_households: float = 0.30
    share_email: float = 0.08
    share_phone: float = 0.15
    moved: float = 0.10
    surname_changed: float = 0.03
    nickname: float = 0.12
    typo: float = 0.05
    till_no_contact: float = 0.17
    till_email: float = 0.25
    till_phone: float = 0.81
    till_store_email: float = 0.02
    junk: float = 0.004
    borrowed: float = 0.012
    second_email: float = 0.10
    duplicate_record: float = 0.025
    spacing: float = 0.015
    odd_case: float = 0.04
    excel_damage: float = 0.002
    namesake_child: float = 0.04
    twins: float = 0.12
    proportion_checkable: float = 0.94


@dataclass(frozen=True)
class Presence:
    """Chance that a person stands in a system, and what a record of it carries."""

    chance: float
    email: float
    phone: float
    address: float
    no_name: float
    given_only: float
    years_back: float


PRESENCE: dict[System, Presence] = {
    System.SHOPIFY_CUSTOMER: Presence(0.37, 0.93, 0.45, 0.85, 0.01, 0.02, 4.0),
    System.SHOPIFY_ORDER: Presence(0.50, 0.96, 0.62, 1.00, 0.00, 0.00, 2.0),
    System.SHOPIFY_CHECKOUT: Presence(0.08, 0.93, 0.35, 0.55, 0.05, 0.03, 0.4),
    System.SQUARE_CUSTOMER: Presence(0.22, 0.25, 0.81, 0.18, 0.00, 0.10, 3.0),
    System.KLAVIYO_PROFILE: Presence(0.34, 1.00, 0.45, 0.50, 0.05, 0.10, 3.5),
    System.MAILCHIMP_MEMBER: Presence(0.22, 1.00, 0.45, 0.40, 0.05, 0.10, 4.0),
    System.ZENDESK_USER: Presence(0.14, 0.93, 0.35, 0.00, 0.02, 0.04, 2.0),
    System.SALESFORCE_CONTACT: Presence(0.19, 0.88, 0.88, 0.80, 0.00, 0.00, 5.0),
    System.SALESFORCE_LEAD: Presence(0.07, 0.92, 0.70, 0.40, 0.00, 0.03, 3.0),
}
