"""Zendesk: users and tickets as NDJSON, one API object per line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from identity.sample.render import Seen
from identity.sample.text import Text, Times, chance, digits, moment, scrambled, texts

_URL = "https://harborpine.zendesk.com/api/v2"
_ISO = "%Y-%m-%dT%H:%M:%SZ"
_STAFF = ("Dana Whitfield", "Luis Ortega", "Priscilla Grant")
_SUBJECTS = (
    "Where is my order?", "Return a lamp", "Damaged on arrival", "Change of address", "Invoice needed",
    "Grüße – question about sizes", "Unsubscribe me please",
)  # fmt: skip
_SCORES = ("unoffered", "offered", "good", "bad")
_REPEATED = 0.01  # time-based exports repeat records across pages


def write_zendesk(folder: Path, rng: np.random.Generator, seen: Seen, as_of: np.datetime64) -> Text:
    """Write `users.ndjson` and `tickets.ndjson`; returns the ids of the customers (staff is not among them)."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = 370_000_000_000 + scrambled(np.arange(len(seen)), 271, 36)
    last = as_of.astype("datetime64[s]")
    updated = seen.created + (rng.random(len(seen)) * (last - seen.created).astype(np.int64)).astype("timedelta64[s]")
    _write_users(folder / "users.ndjson", rng, seen, numbers, updated)
    _write_tickets(folder / "tickets.ndjson", rng, seen, numbers, last)
    return digits(numbers)


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _user(number: int, name: str, email: str | None, phone: str | None, times: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": number, "url": f"{_URL}/users/{number}.json", "name": name, "email": email, "created_at": times[0],
        "updated_at": times[1], "time_zone": "Eastern Time (US & Canada)", "iana_time_zone": "America/New_York",
        "phone": phone, "shared_phone_number": None, "locale": "en-US", "organization_id": None, "role": "end-user",
        "verified": email is not None, "external_id": None, "tags": [], "alias": "", "active": True, "shared": False,
        "last_login_at": None, "signature": None, "details": "", "notes": "", "suspended": False, "user_fields": {},
    }  # fmt: skip


def _write_users(
    path: Path, rng: np.random.Generator, seen: Seen, numbers: npt.NDArray[np.int64], updated: Times
) -> None:
    names, emails, phones = seen.full_name().to_pylist(), seen.email.to_pylist(), seen.phone.to_pylist()
    created, changed = moment(seen.created, _ISO).to_pylist(), moment(updated, _ISO).to_pylist()
    repeated = chance(rng, len(seen), _REPEATED)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number, name in enumerate(_STAFF):
            staff = _user(360_000_000_000 + number, name, f"agent{number}@harborpine-supply.com", None, _FOUNDED)
            file.write(_line(staff | {"role": "agent", "tags": ["staff"]}))
        for i, number in enumerate(numbers.tolist()):
            # A user without a name is shown by the e-mail or the number.
            name = names[i] or emails[i].strip() or phones[i] or "Caller"
            user = _user(number, name, emails[i] or None, phones[i] or None, (created[i], changed[i]))
            if repeated[i]:
                file.write(_line(user | {"updated_at": created[i]}))
            file.write(_line(user))


_FOUNDED = ("2019-07-20T22:55:29Z", "2024-01-09T08:00:00Z")


def _write_tickets(
    path: Path, rng: np.random.Generator, seen: Seen, numbers: npt.NDArray[np.int64], last: np.datetime64
) -> None:
    count = np.minimum(rng.geometric(0.6, len(seen)), 12)
    owner = np.repeat(np.arange(len(seen)), count)
    size = len(owner)
    span = (last - seen.created[owner]).astype(np.int64)
    at = seen.created[owner] + (rng.random(size) * span * 0.98).astype("timedelta64[s]")
    order = np.lexsort((owner, at))
    owner, at = owner[order], at[order]
    closed = np.minimum(at + rng.integers(600, 9 * 86_400, size).astype("timedelta64[s]"), last)
    emails = seen.email.to_pylist()
    drawn = {
        "created": moment(at, _ISO).to_pylist(),
        "updated": moment(closed, _ISO).to_pylist(),
        "score": rng.choice(4, size=size, p=[0.35, 0.3, 0.27, 0.08]).tolist(),
        "subject": rng.integers(0, len(_SUBJECTS), size).tolist(),
        "status": texts(["closed", "solved", "open", "pending"]).take(rng.choice(4, size, p=[0.6, 0.3, 0.06, 0.04])),
        "channel": texts(["email", "web", "voice", "chat"]).take(rng.choice(4, size, p=[0.6, 0.25, 0.1, 0.05])),
        "agent": rng.integers(0, len(_STAFF), size).tolist(),
    }
    drawn["status"], drawn["channel"] = drawn["status"].to_pylist(), drawn["channel"].to_pylist()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for i, row in enumerate(owner.tolist()):
            file.write(_line(_ticket(i, int(numbers[row]), emails[row].strip(), drawn)))


def _ticket(i: int, requester: int, email: str, drawn: dict[str, Any]) -> dict[str, Any]:
    subject, score = _SUBJECTS[drawn["subject"][i]], _SCORES[drawn["score"][i]]
    channel = drawn["channel"][i] if email else "voice"
    sender = {"address": email or None, "name": None}
    rating = {"score": score}
    if score in ("good", "bad"):
        rating |= {"comment": "Quick help, thanks" if score == "good" else "", "reason": "No reason provided"}
    agent = 360_000_000_000 + drawn["agent"][i]
    return {
        "id": 1_001 + i, "url": f"{_URL}/tickets/{1_001 + i}.json", "external_id": None,
        "via": {"channel": channel, "source": {"from": sender, "to": {}, "rel": None}},
        "created_at": drawn["created"][i], "updated_at": drawn["updated"][i], "type": None, "subject": subject,
        "raw_subject": subject, "description": subject, "priority": "normal", "status": drawn["status"][i],
        "recipient": None, "requester_id": requester, "submitter_id": requester, "assignee_id": agent,
        "organization_id": None, "group_id": 24_000_000_001, "collaborator_ids": [], "follower_ids": [],
        "email_cc_ids": [], "problem_id": None, "has_incidents": False, "due_at": None,
        "tags": ["shop"] if drawn["subject"][i] % 2 else [], "custom_fields": [{"id": 24_000_111, "value": None}],
        "satisfaction_rating": rating, "followup_ids": [], "brand_id": 24_000_000_002,
    }  # fmt: skip
