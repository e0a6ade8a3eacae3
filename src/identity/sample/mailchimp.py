"""Mailchimp: the audience as a zip partitioned by status, and the campaigns' opens and clicks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from identity.sample.csvout import Column, csv_bytes, write_csv, write_zip
from identity.sample.places import random_ips
from identity.sample.render import Seen
from identity.sample.text import (
    Text,
    Times,
    chance,
    choose,
    digits,
    filled,
    glue,
    keep,
    long_id,
    moment,
    scrambled,
    texts,
    where,
)

STATUSES = ("subscribed", "unsubscribed", "cleaned", "nonsubscribed")
_BASE = (
    "Email Address", "First Name", "Last Name", "Address", "Phone Number", "Birthday", "MEMBER_RATING", "OPTIN_TIME",
    "OPTIN_IP", "CONFIRM_TIME", "CONFIRM_IP", "LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "CC", "REGION",
    "LAST_CHANGED", "LEID", "EUID", "NOTES", "TAGS",
)  # fmt: skip
_UNSUBSCRIBED = ("UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER")
_CLEANED = ("CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID")
AUDIENCE_HEADERS = {
    "subscribed": _BASE,
    "unsubscribed": (*_BASE[:-2], *_UNSUBSCRIBED, *_BASE[-2:]),
    "cleaned": (*_BASE[:-2], *_CLEANED, *_BASE[-2:]),
    "nonsubscribed": _BASE,
}
_TITLES = ("spring-letter", "new-arrivals", "care-guide", "members-week", "gift-ideas", "last-chance")
_CAMPAIGNS = 24
_DAYS_APART = 30


@dataclass(frozen=True)
class Campaign:
    """One mailing: its id, title and time of sending."""

    id: str
    title: str
    sent: np.datetime64


def campaigns(as_of: np.datetime64) -> list[Campaign]:
    """A mailing a month over two years, oldest first."""
    ids = long_id(np.arange(_CAMPAIGNS), 411, 10, "0123456789abcdef").to_pylist()
    start = as_of.astype("datetime64[s]") - np.timedelta64((_CAMPAIGNS * _DAYS_APART - 6) * 86_400, "s")
    step = np.timedelta64(_DAYS_APART * 86_400, "s")
    return [Campaign(name, _TITLES[i % len(_TITLES)], start + i * step) for i, name in enumerate(ids)]


def write_mailchimp(folder: Path, rng: np.random.Generator, seen: Seen, as_of: np.datetime64) -> Text:
    """Write the audience zip and the activity folders; returns the members' LEIDs."""
    size = len(seen)
    leid = digits(90_000_000 + scrambled(np.arange(size), 421, 28))
    status = rng.choice(4, size=size, p=[0.74, 0.13, 0.05, 0.08])
    mailings = campaigns(as_of)
    columns = _audience_columns(rng, seen, leid, status=status, mailings=mailings, as_of=as_of)
    members = []
    for number, name in enumerate(STATUSES):
        rows = pa.array(np.flatnonzero(status == number))
        part: list[Column] = []
        for header in AUDIENCE_HEADERS[name]:
            values = columns[header]
            part.append((header, values if isinstance(values, str) else values.take(rows)))
        members.append((f"{name}_email_audience_export_1f3a9c2e4b.csv", csv_bytes(part, len(rows), "minimal")))
    write_zip(folder / "audience_export_1f3a9c2e4b.zip", members)
    _write_activity(folder, rng, seen, status=status, mailings=mailings, as_of=as_of)
    return leid


def _audience_columns(
    rng: np.random.Generator,
    seen: Seen,
    leid: Text,
    *,
    status: npt.NDArray[np.int64],
    mailings: list[Campaign],
    as_of: np.datetime64,
) -> dict[str, Text | str]:
    size = len(seen)
    place = glue(seen.street, "  ", seen.city, "  ", seen.region, "  ", seen.postcode, "  ", seen.country)
    last = as_of.astype("datetime64[s]")
    left = seen.created + (rng.random(size) * (last - seen.created).astype(np.int64)).astype("timedelta64[s]")
    mailing = rng.integers(0, len(mailings), size)
    imported = chance(rng, size, 0.2)
    address = where(imported, "127.0.0.1", random_ips(rng, size))
    tags = choose(rng, size, ['"VIP"', '"VIP","Blog"', '"Shop"'])
    reason = choose(rng, size, ["NORMAL (no longer interested)", "SPAM", "OTHER", ""])
    titles = texts(m.title for m in mailings).take(mailing)
    mailing_ids = texts(m.id for m in mailings).take(mailing)
    columns: dict[str, Text | str] = {
        "Email Address": seen.email,
        "First Name": seen.given,
        "Last Name": seen.family,
        "Address": keep(filled(seen.street), place),
        "Phone Number": where(np.asarray(pc.starts_with(seen.phone, "+")), glue("'", seen.phone), seen.phone),
        "Birthday": keep(chance(rng, size, 0.15), moment(seen.born, "%m/%d")),
        "MEMBER_RATING": digits(rng.integers(1, 6, size)),
        "OPTIN_TIME": keep((status != 3) & ~imported, moment(seen.created)),
        "OPTIN_IP": keep(status != 3, address),
        "CONFIRM_TIME": moment(seen.created),
        "CONFIRM_IP": address,
        "CC": pc.utf8_lower(seen.country),
        "REGION": pc.utf8_lower(seen.region),
        "LAST_CHANGED": moment(left),
        "LEID": leid,
        "EUID": long_id(np.arange(size), 431, 10, "0123456789abcdef"),
        "TAGS": keep(chance(rng, size, 0.2), tags),
        "UNSUB_REASON": reason,
        "UNSUB_REASON_OTHER": keep(np.asarray(pc.equal(reason, "OTHER")), "too many mails, thanks"),
    }
    for kind in ("UNSUB", "CLEAN"):
        columns |= {
            f"{kind}_TIME": moment(left),
            f"{kind}_CAMPAIGN_TITLE": titles,
            f"{kind}_CAMPAIGN_ID": mailing_ids,
        }
    for name in ("LATITUDE", "LONGITUDE", "GMTOFF", "DSTOFF", "TIMEZONE", "NOTES"):
        columns[name] = ""
    return columns


def _write_activity(
    folder: Path,
    rng: np.random.Generator,
    seen: Seen,
    *,
    status: npt.NDArray[np.int64],
    mailings: list[Campaign],
    as_of: np.datetime64,
) -> None:
    """Opens and clicks of each mailing: a few members open nearly everything, most little."""
    eager = rng.beta(0.8, 2.0, len(seen))
    for mailing in mailings:
        got = np.flatnonzero((seen.created < mailing.sent) & (status < 2))
        opens = rng.random(len(got)) < eager[got]
        clicks = opens & chance(rng, len(got), 0.22)
        name = f"{mailing.id}_{mailing.title}.csv"
        for which, members in (("opens", got[opens]), ("clicks", got[clicks])):
            path = folder / "granular_activity" / which / name
            _granular(path, rng, seen, members, sent=mailing.sent, as_of=as_of, clicks=which == "clicks")
        for which, members in (("opened", got[opens]), ("not_opened", got[~opens])):
            emails = seen.email.take(pa.array(members))
            path = folder / "aggregate_activity" / which / name
            write_csv(path, [("Email", emails)], len(members), "minimal")


def _granular(
    path: Path,
    rng: np.random.Generator,
    seen: Seen,
    members: npt.NDArray[np.int64],
    *,
    sent: np.datetime64,
    as_of: np.datetime64,
    clicks: bool,
) -> None:
    at = _moments(rng, len(members), sent, as_of)
    order = np.lexsort((members, at))
    emails = seen.email.take(pa.array(members[order]))
    columns: list[Column] = [("Timestamp", moment(at[order])), ("Email", emails)]
    if clicks:
        pages = ["https://harborpine-supply.com/new", "https://harborpine-supply.com/sale?utm_source=letter"]
        columns.append(("Url", choose(rng, len(members), pages)))
    write_csv(path, columns, len(members), "minimal")


def _moments(rng: np.random.Generator, size: int, sent: np.datetime64, as_of: np.datetime64) -> Times:
    """Most people read within hours, the last after days, nobody after the export."""
    seconds = np.minimum(rng.exponential(28_000, size), 9 * 86_400).astype(np.int64) + 40
    return np.asarray(np.minimum(sent + seconds.astype("timedelta64[s]"), as_of.astype("datetime64[s]")))
