"""The record of a standardised name: its fields, its columns, and how parts found become one."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from identity.standard.columns import schema_of
from identity.standard.full_names import Parts
from identity.standard.name_words import display_case, is_initials, name_key
from identity.standard.text import joined


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in parts, or the verdict that there is none (`not_a_person`, with `company` if it is one).

    `generation` is Jr, Sr, II …; `suffix` degrees and orders. `flags`, in this order where they apply:
    `company`, `placeholder`, `email`, `swapped`, `split` (one column held the whole name), `single`, `initial_only`,
    `capitals`.
    """

    title: str | None
    given: str | None
    middle: str | None
    family: str | None
    generation: str | None
    suffix: str | None
    given_key: str | None
    middle_key: str | None
    family_key: str | None
    company: str | None
    initial_only: bool
    not_a_person: bool
    flags: tuple[str, ...]


NAME_SCHEMA = schema_of(
    title=pa.string(), given=pa.string(), middle=pa.string(), family=pa.string(), generation=pa.string(),
    suffix=pa.string(), given_key=pa.string(), middle_key=pa.string(), family_key=pa.string(), company=pa.string(),
    initial_only=pa.bool_(), not_a_person=pa.bool_(), flags=pa.list_(pa.string()),
)  # fmt: skip

NAME_PARTS = ("given", "middle", "family", "full", "title", "suffix")
FLAG_ORDER = ("company", "placeholder", "email", "swapped", "split", "single", "initial_only", "capitals")

NameRow = tuple[Any, ...]  # the fields of PersonName, in order


def nobody_row(company: str | None, flags: set[str]) -> NameRow:
    """Return the row that says "not a person"."""
    ordered = tuple(flag for flag in FLAG_ORDER if flag in flags)
    return (None,) * 9 + (company, False, True, ordered)


def person_row(parts: Parts, flags: set[str]) -> NameRow:
    """Return the row of a person: spelling repaired for reading, keys folded, flags in order."""
    given, middle, family = (text or None for text in (parts.given, parts.middle, parts.family))
    names = [text for text in (given, middle, family) if text]
    if not names:
        return nobody_row(parts.company, flags)
    initial_only = given is not None and is_initials(given)
    facts = {
        "single": (given is None or family is None) and " " not in (given or family or ""),
        "initial_only": initial_only,
        "capitals": all(text.isupper() for text in names) and max(map(len, names)) > 2,
    }
    flags |= {flag for flag, holds in facts.items() if holds}
    keys = name_key(given), name_key(middle), name_key(family, family=True)
    shown = [None if text is None else display_case(text) for text in (given, middle, family)]
    return (
        parts.title, *shown, parts.generation, joined(parts.honours, ", "), *keys, parts.company, initial_only, False,
        tuple(flag for flag in FLAG_ORDER if flag in flags),
    )  # fmt: skip
