"""Salesforce weekly data export: Contact, Account and Lead in one `WE_….ZIP`, every field quoted, ISO-8859-1."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from identity.sample.csvout import Column, csv_bytes, write_zip
from identity.sample.people import People
from identity.sample.places import COUNTRIES
from identity.sample.render import Seen
from identity.sample.text import (
    Ints,
    Text,
    chance,
    choose,
    code,
    digits,
    filled,
    glue,
    keep,
    moment,
    pick,
    scrambled,
    texts,
    where,
)

_PLACE = (
    "Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode", "Latitude", "Longitude",
    "GeocodeAccuracy",
)  # fmt: skip
_TRAIL = ("OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")
CONTACT_HEADER = (
    "Id", "IsDeleted", "MasterRecordId", "AccountId", "Salutation", "FirstName", "LastName", "MiddleName", "Suffix",
    "RecordTypeId", *(f"Other{p}" for p in _PLACE), *(f"Mailing{p}" for p in _PLACE), "Phone", "Fax", "MobilePhone",
    "HomePhone", "OtherPhone", "AssistantPhone", "ReportsToId", "Email", "Title", "Department", "AssistantName",
    "LeadSource", "Birthdate", "Description", "CurrencyIsoCode", "OwnerId", "HasOptedOutOfEmail", "HasOptedOutOfFax",
    "DoNotCall", *_TRAIL[1:], "LastActivityDate", "LastCURequestDate", "LastCUUpdateDate", "EmailBouncedReason",
    "EmailBouncedDate", "Jigsaw", "JigsawContactId", "Pronouns", "GenderIdentity", "Segment__c",
)  # fmt: skip
ACCOUNT_HEADER = (
    "Id", "IsDeleted", "MasterRecordId", "Name", "Type", "RecordTypeId", "ParentId",
    *(f"Billing{p}" for p in _PLACE), *(f"Shipping{p}" for p in _PLACE), "Phone", "Fax", "AccountNumber", "Website",
    "Sic", "Industry", "AnnualRevenue", "NumberOfEmployees", "Ownership", "TickerSymbol", "Description", "Rating",
    "Site", "CurrencyIsoCode", *_TRAIL, "LastActivityDate", "IsExcludedFromRealign", "Jigsaw", "JigsawCompanyId",
    "AccountSource", "SicDesc", "OperatingHoursId",
)  # fmt: skip
LEAD_HEADER = (
    "Id", "IsDeleted", "MasterRecordId", "LastName", "FirstName", "Salutation", "MiddleName", "Suffix", "Title",
    "Company", *_PLACE, "Phone", "MobilePhone", "Fax", "Email", "Website", "Description", "LeadSource", "Status",
    "Industry", "Rating", "CurrencyIsoCode", "AnnualRevenue", "NumberOfEmployees", "OwnerId", "HasOptedOutOfEmail",
    "IsConverted", "ConvertedDate", "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId",
    "IsUnreadByOwner", *_TRAIL[1:], "LastActivityDate", "DoNotCall", "HasOptedOutOfFax", "LastTransferDate",
    "Jigsaw", "JigsawContactId", "EmailBouncedReason", "EmailBouncedDate",
)  # fmt: skip
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def record_ids(prefix: str, index: Ints, seed: int) -> Text:
    """18-character ids: 15 case-sensitive ones and the three that tell their capitals (Salesforce's rule)."""
    number = scrambled(index, seed, 28)
    fixed = f"{prefix}5f00000"[:10]
    capitals = np.zeros(len(number), dtype=np.int64)
    rest = number
    for position in range(4, -1, -1):
        capitals += (rest % 62 >= 36) << position
        rest = rest // 62
    known = [sum((c in _BASE62[36:]) << i for i, c in enumerate(fixed[at : at + 5])) for at in (0, 5)]
    ending = "".join(_CHECK[k] for k in known)
    return glue(fixed, code(number, _BASE62, 5), ending, pick(texts(_CHECK), capitals))


def write_salesforce(
    folder: Path, rng: np.random.Generator, people: People, *, contacts: Seen, leads: Seen, as_of: datetime
) -> tuple[Text, Text]:
    """Write the zip; returns the ids of the contacts and of the leads."""
    last = np.datetime64(as_of.replace(tzinfo=None), "s")
    contact_ids = record_ids("003", np.arange(len(contacts)), 601)
    lead_ids = record_ids("00Q", np.arange(len(leads)), 602)
    account_ids = record_ids("001", np.arange(len(people.companies)), 603)
    values = [
        (
            "Contact.csv",
            CONTACT_HEADER,
            _contacts(rng, people, contacts, contact_ids, accounts=account_ids, last=last),
            len(contacts),
        ),
        ("Account.csv", ACCOUNT_HEADER, _accounts(rng, people, account_ids, last), len(people.companies)),
        (
            "Lead.csv",
            LEAD_HEADER,
            _leads(rng, people, leads, lead_ids, contacts=contacts, contact_ids=contact_ids, last=last),
            len(leads),
        ),
    ]
    members = []
    for name, header, columns, rows in values:
        part: list[Column] = [(column, columns.get(column, "")) for column in header]
        members.append((name, csv_bytes(part, rows, "all", "iso-8859-1")))
    write_zip(folder / "WE_00D5f000004XyzAEAS_1.ZIP", members)
    return contact_ids, lead_ids


def _trail(rng: np.random.Generator, created: npt.NDArray[np.datetime64], last: np.datetime64) -> dict[str, Text | str]:
    """Owner and times every record ends with."""
    span = (last - created).astype(np.int64)
    changed = created + (rng.random(len(created)) * span).astype("timedelta64[s]")
    owner = choose(rng, len(created), record_ids("005", np.arange(4), 604).to_pylist())
    return {
        "OwnerId": owner,
        "CreatedDate": moment(created),
        "CreatedById": owner,
        "LastModifiedDate": moment(changed),
        "LastModifiedById": owner,
        "SystemModstamp": moment(changed),
        "LastActivityDate": keep(chance(rng, len(created), 0.4), moment(changed, "%Y-%m-%d 00:00:00")),
        "CurrencyIsoCode": "USD",
    }


def _person(rng: np.random.Generator, seen: Seen, place: str) -> dict[str, Text | str]:
    """Names, contact points, address and consent of a contact or a lead."""
    size = len(seen)
    short = chance(rng, size, 0.2)
    bounced = chance(rng, size, 0.02) & filled(seen.email)
    return {
        "FirstName": seen.given,
        # The last name is compulsory: what is unknown becomes a placeholder.
        "LastName": where(filled(seen.family), seen.family, "[not provided]"),
        "Suffix": seen.suffix,
        "Email": seen.email,
        "Phone": keep(~seen.landline, seen.phone_typed),
        "HomePhone": keep(seen.landline, seen.phone_typed),
        "MobilePhone": keep(~seen.landline & chance(rng, size, 0.2), seen.phone_typed),
        f"{place}Street": glue(seen.street, where(filled(seen.unit), "\n", ""), seen.unit),
        f"{place}City": seen.city,
        f"{place}State": where(short, seen.region, seen.region_name),
        f"{place}PostalCode": seen.postcode,
        f"{place}Country": where(short, seen.country, seen.country_name),
        f"{place}StateCode": seen.region,
        f"{place}CountryCode": seen.country,
        "LeadSource": choose(rng, size, ["Web", "Trade Show", "Phone Inquiry", "Partner", ""]),
        "HasOptedOutOfEmail": where(chance(rng, size, 0.12), "1", "0"),
        "HasOptedOutOfFax": "0",
        "DoNotCall": where(chance(rng, size, 0.05), "1", "0"),
        "EmailBouncedReason": keep(bounced, '550 5.1.1 "user unknown"'),
        "EmailBouncedDate": keep(bounced, moment(seen.created)),
        "IsDeleted": "0",
    }


def _contacts(
    rng: np.random.Generator, people: People, seen: Seen, ids: Text, *, accounts: Text, last: np.datetime64
) -> dict[str, Text | str]:
    size = len(seen)
    first = _first_of_person(seen)
    # Half of the entries made twice were merged into the first one; the trail of that is a hard link.
    merged = seen.duplicate & (first != np.arange(size)) & chance(rng, size, 0.5)
    columns = _person(rng, seen, "Mailing") | _trail(rng, seen.created, last)
    return columns | {
        "Id": ids,
        "IsDeleted": where(merged, "1", "0"),
        "MasterRecordId": keep(merged, pick(ids, first)),
        "AccountId": pick(accounts, people.company[seen.person]),
        "Salutation": _salutation(rng, people, seen),
        "Birthdate": keep(chance(rng, size, 0.35), moment(seen.born, "%Y-%m-%d 00:00:00")),
        "Title": keep(chance(rng, size, 0.4), choose(rng, size, ["Manager", "Owner", "Buyer, Retail", "Director"])),
        "Description": keep(chance(rng, size, 0.03), choose(rng, size, ["Met at the fair.\r\nCall back", 'says "hi"'])),
        "Segment__c": choose(rng, size, ["Retail", "Trade", ""]),
    }


def _first_of_person(seen: Seen) -> npt.NDArray[np.int64]:
    """Row of the first record of each record's person."""
    rows = pd.Series(np.arange(len(seen)))
    return np.asarray(rows.groupby(seen.person, sort=False).transform("min"), dtype=np.int64)


def _salutation(rng: np.random.Generator, people: People, seen: Seen) -> Text:
    title = where(people.families.female[seen.person], "Ms.", "Mr.")
    return keep(chance(rng, len(seen), 0.5), where(chance(rng, len(seen), 0.03), "Dr.", title))


def _leads(
    rng: np.random.Generator,
    people: People,
    seen: Seen,
    ids: Text,
    *,
    contacts: Seen,
    contact_ids: Text,
    last: np.datetime64,
) -> dict[str, Text | str]:
    size = len(seen)
    contact_of = np.full(len(people), -1, dtype=np.int64)
    contact_of[contacts.person[::-1]] = np.arange(len(contacts))[::-1]
    contact = contact_of[seen.person]
    converted = (contact >= 0) & chance(rng, size, 0.6)
    target = contact_ids if len(contact_ids) else texts([""])
    columns = _person(rng, seen, "") | _trail(rng, seen.created, last)
    return columns | {
        "Id": ids,
        "Salutation": _salutation(rng, people, seen),
        "Company": where(chance(rng, size, 0.15), "N/A", pick(people.companies, people.company[seen.person])),
        "Status": where(converted, "Qualified", choose(rng, size, ["Open", "Contacted", "Unqualified"])),
        "IsConverted": where(converted, "1", "0"),
        "ConvertedDate": keep(converted, moment(seen.created, "%Y-%m-%d 00:00:00")),
        "ConvertedContactId": keep(converted, pick(target, np.maximum(contact, 0))),
        "IsUnreadByOwner": "0",
    }


def _accounts(rng: np.random.Generator, people: People, ids: Text, last: np.datetime64) -> dict[str, Text | str]:
    size = len(ids)
    created = last - rng.integers(90, 2_000, size) * np.timedelta64(86_400, "s")
    stem = pc.replace_substring_regex(pc.utf8_lower(people.companies), "[^a-z0-9]", "")
    return _trail(rng, created, last) | {
        "Id": ids,
        "IsDeleted": "0",
        "Name": people.companies,
        "Type": choose(rng, size, ["Customer - Direct", "Prospect", ""]),
        "BillingCountryCode": choose(rng, size, list(COUNTRIES[:3]), [7, 2, 1]),
        "AccountNumber": glue("CD", digits(np.arange(size), 6)),
        "Website": keep(chance(rng, size, 0.6), glue("www.", stem, ".com")),
        "IsExcludedFromRealign": "0",
    }
