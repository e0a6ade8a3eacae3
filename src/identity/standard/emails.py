"""E-mail addresses: what can be mailed, and which addresses reach the same box.

Syntax is judged by the `email-validator` library (RFC 5321/5322/6531, no network). The common ASCII shape is
recognised by one regular expression, which a test proves to agree with the library. Names that RFC 2606 and 6761
set aside are accepted: `.invalid` and its like belong to nobody, `example.com` and `.test` to invented customers.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from identity.standard.columns import Texts, schema_of, to_table
from identity.standard.email_words import (
    DISPOSABLE_DOMAINS,
    GMAIL_DOMAINS,
    NOWHERE_TOP_LEVEL,
    PLACEHOLDER_DOMAINS,
    PLACEHOLDER_LOCALS,
    RESERVED_TOP_LEVEL,
    ROLE_LOCALS,
    domain_suggestion,
)
from identity.standard.text import clean, is_null_word

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"([a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*)@((?:{_LABEL}\.)+[a-z]{{2,63}})")
_ANGLE = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
_SPLIT = re.compile(r"[;,|\s]+")
_EDGES = "<>()[]{}\"';,:. "
_REPEATED_LOCAL = {"x": ("x.com",), "a": ("a.com", "b.com"), "no": ("no.com",), "me": ("me.com",)}
_MAX_LOCAL, _MAX_ADDRESS, _MAX_TEXT = 64, 254, 1_000


@dataclass(frozen=True, slots=True)
class Email:
    """One usable e-mail address.

    `normal` is the address to store and show; `match_key` is equal for addresses of one box (dots and tags of
    Gmail are dropped; elsewhere a `+tag` may be another person and stays). `role_account` boxes belong to several
    people, `placeholder` addresses to nobody, `disposable` ones to nobody for long. `suggestion` is the address
    the person probably meant (`gmial.com`); it is never applied to `normal`.
    """

    normal: str
    match_key: str
    local: str
    domain: str
    role_account: bool
    placeholder: bool
    disposable: bool
    suggestion: str | None


EMAIL_SCHEMA = schema_of(
    normal=pa.string(), match_key=pa.string(), local=pa.string(), domain=pa.string(), role_account=pa.bool_(),
    placeholder=pa.bool_(), disposable=pa.bool_(), suggestion=pa.string(),
)  # fmt: skip


def _by_library(address: str) -> tuple[str, str] | None:
    """Local part and domain as the library normalises them, or None; reserved top-level names are let through."""
    from email_validator import EmailNotValidError, validate_email

    reserved = address.rpartition(".")[2] in RESERVED_TOP_LEVEL
    try:
        checked = validate_email(f"{address}.com" if reserved else address, check_deliverability=False)
    except (EmailNotValidError, UnicodeError, ValueError):
        return None
    domain = checked.domain.removesuffix(".com") if reserved else checked.domain
    return unicodedata.normalize("NFC", checked.local_part.lower()), domain.lower()


def split_address(address: str) -> tuple[str, str] | None:
    """Return local part and domain of a trimmed, lower-case address, or None where it cannot exist."""
    plain = _PLAIN.fullmatch(address)
    if plain is None or "--" in address or len(address) > _MAX_ADDRESS or len(plain[1]) > _MAX_LOCAL:
        return _by_library(address)
    return plain[1], plain[2]


def _candidates(text: str) -> list[str]:
    """Addresses in a cell: `Jane <jane@x.com>`, `mailto:jane@x.com?subject=…`, `a@x.com; b@x.com`."""
    if len(text) > _MAX_TEXT:
        return []
    inside = _ANGLE.findall(text)
    parts = inside or [part for part in _SPLIT.split(text) if "@" in part]
    trimmed = (part.strip(_EDGES) for part in parts)
    return [part.removeprefix("mailto:").partition("?")[0].strip(_EDGES) for part in trimmed]


def _row(text: str | None) -> tuple[Any, ...] | None:
    if text is None or "@" not in text:
        return None
    address = text.lower()
    plain = _PLAIN.fullmatch(address)
    if plain is None or "--" in address or len(address) > _MAX_ADDRESS or len(plain[1]) > _MAX_LOCAL:
        parts = _first_valid(text)
        return None if parts is None else _describe(*parts)
    return _describe(plain[1], plain[2])


def _first_valid(text: str) -> tuple[str, str] | None:
    cleaned = clean(text)
    if cleaned is None or is_null_word(cleaned, "email"):
        return None
    lowered = unicodedata.normalize("NFC", cleaned.lower().replace("＠", "@"))
    for candidate in _candidates(lowered):
        parts = split_address(candidate)
        if parts is not None:
            return parts
    return None


@lru_cache(maxsize=100_000)
def _about_domain(domain: str) -> tuple[bool, bool, bool, str | None]:
    """Whether a domain is Gmail's, a placeholder, disposable; and the domain that was probably meant."""
    placeholder = domain in PLACEHOLDER_DOMAINS or domain.rpartition(".")[2] in NOWHERE_TOP_LEVEL
    return domain in GMAIL_DOMAINS, placeholder, domain in DISPOSABLE_DOMAINS, domain_suggestion(domain)


def _describe(local: str, domain: str) -> tuple[Any, ...]:
    gmail, placeholder, disposable, better = _about_domain(domain)
    normal = match_key = f"{local}@{domain}"
    mailbox = local.partition("+")[0] if "+" in local else local
    if gmail:
        match_key = f"{mailbox.replace('.', '') or local}@gmail.com"
    nobody = placeholder or mailbox in PLACEHOLDER_LOCALS or domain in _REPEATED_LOCAL.get(local, ())
    return (
        normal, match_key, local, domain, mailbox in ROLE_LOCALS, nobody, disposable,
        f"{local}@{better}" if better else None,
    )  # fmt: skip


def parse_email(text: str | None) -> Email | None:
    """Read one e-mail address; None where the text holds none that could exist.

    Takes off `mailto:`, angle brackets with a display name, zero-width characters and stray punctuation; of several
    addresses in one cell the first usable one is returned.
    """
    row = _row(text)
    return None if row is None else Email(*row)


def emails_in(text: str | None) -> tuple[str, ...]:
    """Return all usable addresses of a cell such as `a@x.com;b@y.com`, normal form, in order, each once."""
    cleaned = clean(text)
    if cleaned is None:
        return ()
    parts = map(split_address, _candidates(unicodedata.normalize("NFC", cleaned.lower())))
    return tuple(dict.fromkeys(f"{part[0]}@{part[1]}" for part in parts if part is not None))


def email_columns(values: Texts) -> pa.Table:
    """Standardise distinct e-mail texts: one row of `EMAIL_SCHEMA` per value, nulls where none could be read."""
    return to_table(map(_row, values), EMAIL_SCHEMA)
