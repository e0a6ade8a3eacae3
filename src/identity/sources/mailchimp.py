"""Mailchimp: members of an audience, and campaign activity (exports.md section 9).

The member files partition an audience; a member's status stands in the file's name only. Merge-field columns
carry the labels that the audience's owner chose. Activity files have plain headers and are told by their folder.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import (
    AddressColumns,
    ConsentColumn,
    Events,
    FileFacts,
    NameColumns,
    RecordColumns,
    Source,
)
from identity.sources.text import column, each_distinct, first_filled, with_column

_STATUS = re.compile(r"(?<![a-z])(un|non)?subscribed|(?<![a-z])cleaned", re.IGNORECASE)
_EXPORT_SUFFIX = re.compile(r"_[0-9a-f]{6,}$|_\d+$", re.IGNORECASE)
_COMPLAINT = re.compile(r"abuse|spam|complain", re.IGNORECASE)

MEMBER = RecordColumns(
    key=("LEID", "EUID"),
    key_fallback="Email Address",
    names=(
        NameColumns(
            title=("Salutation", "Prefix"),
            given=("First Name", "FNAME"),
            family=("Last Name", "LNAME"),
            full=("Name", "Full Name"),
        ),
    ),
    emails="Email Address",
    phones=("Phone Number", "Phone", "PHONE", "Mobile", "Mobile Number", "SMS Phone Number"),
    addresses=(
        AddressColumns(
            whole="Address",
            line1=("Street Address", "Street"),
            city="City",
            region=("State", "Province", "State/Province"),
            postal_code=("Zip", "Zip Code", "Postal Code", "Postcode"),
            country="Country",
        ),
    ),
    company=("Company", "Company Name", "Organization"),
    gender="Gender",
    birth_date=("Date of Birth", "Birth Date", "Birthdate", "Birthday"),
    consents=(
        ConsentColumn("email_consent", "email", at="email_consent_at", evidence="status in the file name"),
        ConsentColumn("complained", "email", opt_out=True, objection=True, at="UNSUB_TIME", evidence="UNSUB_REASON"),
        ConsentColumn("SMS_MARKETING_STATUS", "sms"),
    ),
    created_at=("OPTIN_TIME", "CONFIRM_TIME"),
    updated_at="LAST_CHANGED",
    flags={"email_bounced": "bounced"},
    tags="TAGS",
)


def status_of(path: str) -> str | None:
    """Status in the file's name: subscribed, unsubscribed, nonsubscribed or cleaned.

    >>> status_of("audience.zip/unsubscribed_email_audience_export_ab12.csv")
    'unsubscribed'
    """
    found = _STATUS.search(PurePosixPath(path).name)
    return found[0].casefold() if found else None


def prepare_member(rows: pa.Table) -> pa.Table:
    """Add the status of the file's name (or of a `Status` column) as consent, with the time it began."""
    named = each_distinct(column(rows, "_path"), status_of)
    status = pc.coalesce(named, pc.utf8_lower(pc.utf8_trim_whitespace(column(rows, "status"))))
    said = each_distinct(status, _consent)
    optin, unsub, clean = (
        first_filled(rows, "confirm_time", "optin_time"),
        column(rows, "unsub_time"),
        column(rows, "clean_time"),
    )
    at = pc.case_when(
        pc.make_struct(pc.equal(status, "subscribed"), pc.equal(status, "unsubscribed"), pc.equal(status, "cleaned")),
        optin,
        unsub,
        clean,
    )
    complained = each_distinct(first_filled(rows, "unsub_reason", "unsub_reason_other"), _complaint)
    rows = with_column(rows, "email_consent", said)
    rows = with_column(rows, "email_consent_at", at)
    rows = with_column(rows, "complained", complained)
    return with_column(rows, "bounced", pc.if_else(pc.equal(status, "cleaned"), "yes", None).cast(pa.string()))


def _consent(status: str) -> str | None:
    return {"subscribed": "yes", "unsubscribed": "no", "cleaned": "no", "nonsubscribed": "unknown"}.get(status)


def _complaint(reason: str) -> str | None:
    return "yes" if _COMPLAINT.search(reason) else None


def campaign_of(path: str) -> str | None:
    """Campaign in the name of an activity file: `spring-sale_3f9a21.csv` is `spring-sale`."""
    stem = PurePosixPath(path).name.removesuffix(".gz").rpartition(".")[0]
    return _EXPORT_SUFFIX.sub("", stem) or None


def prepare_activity(rows: pa.Table) -> pa.Table:
    """Add the campaign of the file's name and the e-mail under one name."""
    rows = with_column(rows, "campaign", each_distinct(column(rows, "_path"), campaign_of))
    return with_column(rows, "person_email", first_filled(rows, "email", "email_address"))


def _in_folder(*folders: str) -> Callable[[FileFacts], bool]:
    def accepts(facts: FileFacts) -> bool:
        parts = [part.casefold() for part in facts.path.parts[:-1]]
        inside = any(
            tuple(parts[start : start + len(folders)]) == folders for start in range(len(parts) - len(folders) + 1)
        )
        return inside and bool(facts.columns & {"email", "email address"})

    return accepts


def _activity(name: str, query: str, *folders: str, extra: tuple[str, ...] = ()) -> Source:
    return Source(
        name=name,
        system="mailchimp",
        name_is_data=True,
        accepts=_in_folder(*folders),
        priority=10,
        events=(Events("std.touchpoint", query, together=query == "mailchimp_opened"),),
        columns=("Email", "Email Address", "campaign", "person_email", *extra),
        typed={"person_email": "email", **({"Timestamp": "time"} if extra else {})},
        event_key=("campaign", "person_email", *extra),
        hashed_key=True,
        prepare=prepare_activity,
        person_by_email="mailchimp_member",
    )


SOURCES = (
    Source(
        name="mailchimp_member",
        system="mailchimp",
        name_is_data=True,
        signature=frozenset({"email address", "member_rating", "last_changed"}),
        record=MEMBER,
        columns=(
            "Status", "CONFIRM_TIME", "OPTIN_TIME", "UNSUB_TIME", "CLEAN_TIME", "UNSUB_REASON", "UNSUB_REASON_OTHER",
        ),
        prepare=prepare_member,
    ),
    _activity("mailchimp_open", "mailchimp_open", "granular_activity", "opens", extra=("Timestamp",)),
    _activity("mailchimp_click", "mailchimp_click", "granular_activity", "clicks", extra=("Timestamp", "Url")),
    _activity("mailchimp_opened", "mailchimp_opened", "aggregate_activity", "opened"),
    _activity("mailchimp_not_opened", "mailchimp_not_opened", "aggregate_activity", "not_opened"),
)  # fmt: skip
