"""Klaviyo: profiles of an account, a list or a segment (exports.md section 8).

`Email Marketing Consent` may be a word, TRUE/FALSE or the time of consent. A profile can be SUBSCRIBED and
suppressed at once: the suppression wins.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import AddressColumns, ConsentColumn, NameColumns, RecordColumns, Source
from identity.sources.text import column, each_distinct, first_filled, with_column

PROFILE = RecordColumns(
    key="Klaviyo ID",
    names=(NameColumns(given="First Name", family="Last Name"),),
    emails="Email",
    phones=("Phone Number", "Phone"),
    addresses=(
        AddressColumns(
            line1=("Address", "Address 1"),
            line2="Address 2",
            city="City",
            region=("State / Region", "Region", "State"),
            postal_code=("Zip Code", "Zip", "Postal Code"),
            country="Country",
        ),
    ),
    company="Organization",
    gender="Gender",
    birth_date=("Birthday", "Date of Birth", "Birthdate", "birth_date", "DOB"),
    consents=(
        ConsentColumn("email_consent", "email", at="email_consent_at", evidence="Email Marketing Consent"),
        ConsentColumn("sms_consent", "sms", at="sms_consent_at", evidence="SMS Marketing Consent"),
        ConsentColumn("suppressed", "email", opt_out=True, objection=True, evidence="Email Suppressions"),
    ),
    created_at=("Profile Created On", "Date Added"),
    flags={"email_bounced": "bounced"},
)

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4}")
_REASON = re.compile(r"[A-Z_]+")


def _word(text: str) -> str | None:
    """A time in a consent column is the time at which consent was given."""
    return "yes" if _TIME.match(text.strip()) else text


def _time(text: str) -> str | None:
    return text if _TIME.match(text.strip()) else None


def _suppressed(text: str) -> str | None:
    return "yes" if _REASON.findall(text.upper()) else None


def _bounced(text: str) -> str | None:
    return "yes" if "BOUNCE" in text.upper() else None


def prepare(rows: pa.Table) -> pa.Table:
    """Part consent from its time, and suppressions from bounces."""
    for channel in ("email", "sms"):
        said = first_filled(rows, f"{channel}_marketing_consent", f"{channel}_consent")
        at = first_filled(rows, f"{channel}_marketing_consent_timestamp", f"{channel}_consent_timestamp")
        rows = with_column(rows, f"{channel}_consent", each_distinct(said, _word))
        rows = with_column(rows, f"{channel}_consent_at", pc.coalesce(at, each_distinct(said, _time)))
    suppressions = column(rows, "email_suppressions")
    rows = with_column(rows, "suppressed", each_distinct(suppressions, _suppressed))
    return with_column(rows, "bounced", each_distinct(suppressions, _bounced))


SOURCES = (
    Source(
        name="klaviyo_profile",
        system="klaviyo",
        signature=frozenset({"klaviyo id"}),
        record=PROFILE,
        prepare=prepare,
        columns=(
            "Email Marketing Consent", "Email Marketing Consent Timestamp", "SMS Marketing Consent",
            "SMS Marketing Consent Timestamp", "Email Suppressions",
        ),
    ),
)  # fmt: skip
