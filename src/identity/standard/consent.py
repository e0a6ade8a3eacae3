"""Consent as systems write it, to `granted`, `denied` or `unknown`.

The same fact is spelled in opposite senses: `Accepts Email Marketing = yes`, `HasOptedOutOfEmail = 1`. A column of
objections is read with `opt_out=True`. Words that state the result themselves (`UNSUBSCRIBED`, `opted out`) mean the
same in both kinds of column; yes and no are what the flag turns round. Not having objected is not a consent
(`unknown`). Words from `exports.md`, quirk 27.
"""

import re
from functools import lru_cache
from typing import Literal

import pyarrow as pa

from identity.standard.columns import Texts
from identity.standard.text import clean, fold

Consent = Literal["granted", "denied", "unknown"]

_STATED: dict[str, Consent] = {
    **dict.fromkeys(
        (
            "subscribed", "subscribe", "opted in", "opt in", "optin", "opted", "granted", "consented", "allowed",
            "accepted", "accepts", "confirmed", "single opt in", "double opt in", "confirmed opt in",
            "freely given consent from contact", "angemeldet", "abonniert", "inscrit", "suscrito", "iscritto",
        ),
        "granted",
    ),
    **dict.fromkeys(
        (
            "unsubscribed", "unsubscribe", "opted out", "opt out", "optout", "denied", "declined", "refused",
            "rejected", "revoked", "withdrawn", "suppressed", "user suppressed", "cleaned", "complained",
            "spam complaint", "marked as spam", "blocked", "do not contact", "do not call", "do not email",
            "abgemeldet", "desinscrit", "hard bounce", "archived", "invalid",
        ),
        "denied",
    ),
    **dict.fromkeys(
        (
            "never subscribed", "nonsubscribed", "non subscribed", "not subscribed", "transactional", "pending",
            "unconfirmed", "not confirmed", "unset", "not asked", "not set", "unknown", "unspecified", "redacted",
            "not applicable", "marketing contact", "non marketing contact",
        ),
        "unknown",
    ),
}  # fmt: skip
_YES = frozenset(
    {"yes", "y", "true", "t", "1", "on", "ja", "oui", "si", "sim", "x", "checked", "10", "agree", "agreed"}
)
_NO = frozenset({"no", "n", "false", "f", "0", "off", "nein", "non", "nao", "nee", "unchecked", "00", "disagree"})
_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?")
_SUPPRESSIONS = re.compile(r"\[(.*)\]")


@lru_cache(maxsize=10_000)
def parse_consent(text: str | None, *, opt_out: bool = False) -> Consent:
    """Return what a consent column says; `opt_out` for columns that state an objection (`HasOptedOutOfEmail`).

    A time stands for the moment the box was ticked. A list of suppressions (`[UNSUBSCRIBE,SPAM_COMPLAINT]`) denies when
    it is not empty, and says nothing when it is. Everything not understood is `unknown`, never `granted`.
    """
    cleaned = clean(text)
    if cleaned is None:
        return "unknown"
    if (listed := _SUPPRESSIONS.fullmatch(cleaned)) is not None:
        return "denied" if fold(listed[1]) else "unknown"
    key = fold(re.sub(r"^1\.0$", "1", re.sub(r"^0\.0$", "0", cleaned)))
    if key in _STATED:
        return _STATED[key]
    ticked = key in _YES or _STAMP.fullmatch(cleaned) is not None
    if not ticked and key not in _NO:
        return "unknown"
    if ticked:
        return "denied" if opt_out else "granted"
    return "unknown" if opt_out else "denied"


def consent_column(values: Texts, *, opt_out: bool = False) -> pa.Array:
    """Standardise distinct consent words: a string array of the same length, without nulls."""
    return pa.array([parse_consent(text, opt_out=opt_out) for text in values], type=pa.string())
