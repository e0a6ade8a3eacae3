"""Personal values as a report may show them: enough to tell two apart at a glance, too little to know them.

Used on every personal value that reaches a page (PROMISES.md P16). Pure functions of one value; None and
empty text stay None, so that "missing" remains visible.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

DOTS = "•••"
_SHORT = 6


def mask_word(value: str | None) -> str | None:
    """A name, city or company: its initial and dots, `Maria` -> `M•••`."""
    if not value or not value.strip():
        return None
    initial = value.strip()[0]
    return f"{initial.upper()}{DOTS}" if initial.isalnum() else DOTS


def mask_words(value: str | None) -> str | None:
    """A text of several words: at most the first three initials, `Maria del Mar` -> `M••• D••• M•••`."""
    if not value or not value.strip():
        return None
    return " ".join(mask_word(word) or DOTS for word in value.split()[:3])


def mask_email(value: str | None) -> str | None:
    """`jane@example.com` -> `j•••@e•••.com`; what is no e-mail becomes dots."""
    if not value:
        return None
    local, at, domain = value.rpartition("@")
    if not at or not local or not domain:
        return DOTS
    top = domain.rpartition(".")[2] if "." in domain else ""
    shown = f".{top}" if top.isascii() and top.isalpha() and len(top) <= 3 else ""
    return f"{_initial(local)}{DOTS}@{_initial(domain)}{DOTS}{shown}"


def mask_phone(value: str | None) -> str | None:
    """`+14155550145` -> `•••45`."""
    return _tail(value)


def mask_id(value: str | None) -> str | None:
    """Any other identifier: its last two characters, none of a short one."""
    return _tail(value)


def mask_hidden(value: str | None) -> str | None:
    """A value of which nothing may be shown but that it is there: street, house number, gender."""
    return DOTS if value and value.strip() else None


def mask_postal_code(value: str | None) -> str | None:
    """The first two characters, `94107` -> `94•••`."""
    if not value or not value.strip():
        return None
    shown = value.strip()[:2]
    return f"{shown}{DOTS}" if shown.isalnum() and len(value.strip()) > 3 else DOTS


def mask_birth_date(value: date | None, year: int | None = None) -> str | None:
    """The year only."""
    known = value.year if value is not None else year
    return f"{known}-••-••" if known is not None else None


def mask_identifier(id_type: str, value: str | None) -> str | None:
    """The mask that belongs to a type of `std.identifier` or `std.blocked_value`."""
    if id_type == "email":
        return mask_email(value)
    if id_type == "address":
        return mask_hidden(value)
    return _tail(value)


def masked_record(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record's display values masked by the names of their columns; what is no personal value stays."""
    return {name: _MASKS[name](value) if name in _MASKS else value for name, value in row.items()}


_MASKS: Mapping[str, Callable[[Any], Any]] = {
    "full_name": mask_words,
    "birth_date": mask_birth_date,
    "email": mask_email,
    "phone": mask_phone,
    "address_line1": mask_hidden,
    "postal_code": mask_postal_code,
    "city": mask_word,
}


def mask_compared(field: str, value: str) -> str:
    """A value of a field that matching compares, by the field's name."""
    if field in ("given_name", "middle_name", "family_name", "company"):
        return mask_words(value) or DOTS
    if field == "birth_date":
        return f"{value[:4]}-••-••"
    if field in ("suffix", "gender", "address") or field.startswith("attribute."):
        return DOTS
    return mask_identifier(field, value) or DOTS


def _initial(text: str) -> str:
    return text[0] if text[0].isascii() and text[0].isalnum() else "•"


def _tail(value: str | None) -> str | None:
    if not value or not value.strip():
        return None
    tail = value.strip()[-2:]
    return f"{DOTS}{tail}" if len(value.strip()) >= _SHORT and tail.isalnum() else DOTS
