"""Texts that name a person, as one pattern for engines and for Python: found as whole words, in any case.

A text counts where no letter, digit or sign of an address touches it: `ann@mail.org` is not in `joann@mail.org`, nor
in `ann@mail.org.uk`, but it is in `write to ann@mail.org.`
"""

import re
from collections.abc import Iterable

from identity.standard.phones import parse_phone

_BEFORE = r"(^|[^0-9A-Za-z_.+%-])"
_AFTER = r"($|[^0-9A-Za-z_.-]|\.$|\.[^0-9A-Za-z_]|-$|-[^0-9A-Za-z_])"
MARK = "[erased]"
_LONG_KEY = 12  # shorter keys of records are no words: an order number stands in many a text


def pattern(words: Iterable[str]) -> str | None:
    """The pattern (RE2 and `re`) that finds any of the words between its two groups; None without words."""
    chosen = sorted(set(words), key=lambda word: (-len(word), word))
    if not chosen:
        return None
    return f"(?i){_BEFORE}(?:{'|'.join(_escaped(word) for word in chosen)}){_AFTER}"


def _escaped(word: str) -> str:
    """A word in which only letters and digits stand for themselves, in a form that RE2 and `re` read alike."""
    return "".join(char if char.isalnum() or ord(char) > 127 else f"\\x{{{ord(char):02x}}}" for char in word)


def compiled(words: Iterable[str]) -> "re.Pattern[str] | None":
    """The same for Python, which writes the code of a sign without braces."""
    text = pattern(words)
    return None if text is None else re.compile(re.sub(r"\\x\{([0-9a-f]{2})\}", r"\\x\1", text))


def of_identifier(kind: str, normal: str, match_key: str) -> set[str]:
    """How an identifier may be written; none where it is too short to mean only this."""
    if kind == "email":
        return {normal.lower(), match_key.lower()}
    if kind == "phone":
        return of_phone(normal)
    return {word.lower() for word in (normal, match_key) if len(word) >= 8}


def of_phone(number: str) -> set[str]:
    """The spellings of a phone number."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < 7:
        return set()
    found = {number, digits, f"+{digits}"}
    phone = parse_phone(number)
    if phone is not None and phone.e164 is not None and len(phone.national) >= 7:
        found |= {phone.national, *_library(phone.e164)}
        if len(phone.national) == 10 and phone.country_code == 1:
            area, office, line = phone.national[:3], phone.national[3:6], phone.national[6:]
            found |= {f"{area}{mark}{office}{mark}{line}" for mark in "-. /"} | {f"({area}){office}-{line}"}
            found |= {f"1{mark}{area}{mark}{office}{mark}{line}" for mark in "-. "}
    return {word.lower() for word in found}


def _library(e164: str) -> set[str]:
    import phonenumbers

    parsed = phonenumbers.parse(e164)
    formats = phonenumbers.PhoneNumberFormat
    return {
        phonenumbers.format_number(parsed, form).removeprefix("tel:")
        for form in (formats.NATIONAL, formats.INTERNATIONAL, formats.RFC3966)
    }


def of_key(key: str) -> set[str]:
    """A record's key as a word, where it is long enough to mean only this."""
    return {key.lower()} if len(key) >= _LONG_KEY else set()
