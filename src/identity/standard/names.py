"""Names of people: parts, keys for comparison, and the verdict "this is not a person's name".

A name arrives as parts, as one text, or as both in the wrong columns. `parse_name` sorts titles, generational
suffixes (they tell father from son), honours, particles, commas and initials into their places. Keys are folded
and never repaired; the spelling is repaired for reading only.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import pyarrow as pa

from identity.standard.columns import Texts, to_table
from identity.standard.full_names import Parts, read_family, read_full, read_given, without_marks
from identity.standard.name_record import (
    FLAG_ORDER,
    NAME_PARTS,
    NAME_SCHEMA,
    NameRow,
    PersonName,
    nobody_row,
    person_row,
)
from identity.standard.name_words import (
    NOBODY_FIRST_WORDS,
    NOT_BEHIND_A_NAME,
    SUFFIXES,
    TITLES,
    TITLES_THAT_ARE_NAMES,
    display_case,
    is_company,
    is_nobody,
    name_key,
)
from identity.standard.nicknames import is_known_given_name
from identity.standard.text import is_null_word, joined, value

__all__ = ["NAME_PARTS", "NAME_SCHEMA", "PersonName", "name_columns", "parse_name"]

_ABSENT = (
    "mc mac none null nil undefined unknown missing empty blank test tbd tba xx xxx xxxx asdf qwerty noname redacted "
    "deleted unspecified infant occupant resident householder homeowner surname unbekannt inconnu desconocido "
    "sconosciuto onbekend gmbh inc llc ltd limited corp corporation incorporated"
)
_PLAIN_BLOCKED = frozenset(TITLES) | frozenset(SUFFIXES) | frozenset(_ABSENT.split())
# Words of absence that nobody bears as a given name (Cash, Guest, Buyer stand in family names and even as given ones).
_NEVER_GIVEN = frozenset({"guest", "customer", "visitor", "anonymous", "anon", "unknown", "user", "client", "walkin"})
_ONE_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[A-Za-z]\.")
_MAX_TEXT, _MAX_PASSES = 300, 4

_GIVEN, _MIDDLE, _FAMILY, _GENERATION, _SUFFIX, _COMPANY, _NOT_A_PERSON, _FLAGS = 1, 2, 3, 4, 5, 9, 11, 12


def _fast(given: str, middle: str | None, family: str) -> NameRow | None:
    """Plain given, middle and family name, one ASCII word each: the shape of most records; None for any other."""
    if not (given.isascii() and family.isascii() and given.isalpha() and family.isalpha()):
        return None
    given_key, family_key = given.lower(), family.lower()
    if given_key in _PLAIN_BLOCKED or family_key in _PLAIN_BLOCKED or len(given) < 2 or len(family) < 2:
        return None
    if given_key == family_key or given_key in NOBODY_FIRST_WORDS:
        return None
    typed_middle, middle_key = middle, None
    if middle is not None:
        if not (middle.isascii() and middle.isalpha()) or middle.lower() in _PLAIN_BLOCKED or middle in "xX":
            return None
        middle_key, middle = middle.lower(), display_case(middle)
    keys = given_key, middle_key, family_key
    if given.istitle() and family.istitle():
        return (None, given, middle, family, None, None, *keys, None, False, False, ())
    all_capitals = given.isupper() and family.isupper() and (typed_middle is None or typed_middle.isupper())
    capitals = ("capitals",) if all_capitals and (len(given) > 2 or len(family) > 2) else ()
    shown = display_case(given), middle, display_case(family)
    return (None, *shown, None, None, *keys, None, False, False, capitals)


def _fast_full(full: str) -> NameRow | None:
    """Given and family name in one text, one ASCII word each; None for any other shape."""
    given, space, family = full.partition(" ")
    if not space or given.lower() in NOT_BEHIND_A_NAME or family.lower() in NOT_BEHIND_A_NAME:
        return None
    return None if is_null_word(full, "name") else _fast(given, None, family)


def _row(*texts: str | None) -> NameRow | None:
    given, middle, family, full, title, suffix = texts
    if full is not None and given is None and middle is None and family is None and title is None and suffix is None:
        fast = _fast_full(full)
        if fast is not None:
            return fast
    if suffix is None and ((given is not None and family is not None) or (full is None and title is None)):
        plain = _in_columns(_stripped(given), _stripped(middle), _stripped(family))
        if plain is not None and title is None:
            return plain
        if plain is not None and "@" not in f"{title}{full}":
            return (_shown(_usable(title), TITLES), *plain[1:])
    return _settled(_general(texts))


def _in_columns(given: str | None, middle: str | None, family: str | None) -> NameRow | None:
    """One word in each column: the general way would find nothing to sort either. None for any other shape."""
    fast = _fast(given, middle, family) if given is not None and family is not None else None
    return fast if fast is not None else _plain(given, middle, family)


def _stripped(text: str | None) -> str | None:
    return None if text is None else text.strip()


def _is_one_word(text: str | None) -> bool:
    """One clean word that is a name and nothing else: no title, suffix, placeholder or part of a company."""
    if text is None:
        return True
    if _ONE_WORD.fullmatch(text) is None or value(text, "name") != text:
        return False
    key = name_key(text) or ""
    return key not in _PLAIN_BLOCKED and key.partition(" ")[0] not in NOBODY_FIRST_WORDS


def _plain(given: str | None, middle: str | None, family: str | None) -> NameRow | None:
    """One word in each column, with accents, hyphens or as an initial: nothing to sort; None for any other shape."""
    if given == family or not (_is_one_word(given) and _is_one_word(middle) and _is_one_word(family)):
        return None
    return person_row(Parts(given=given, middle=middle, family=family), set())


def _settled(row: NameRow | None) -> NameRow | None:
    """Read the parts found once more until nothing changes, so that a standard name is its own standard."""
    for _ in range(_MAX_PASSES):
        if row is None or row[_NOT_A_PERSON] or _plain(row[_GIVEN], row[_MIDDLE], row[_FAMILY]) is not None:
            return row
        again = _general((row[_GIVEN], row[_MIDDLE], row[_FAMILY], None, None, None))
        if again is None or again[_GIVEN : _FAMILY + 1] == row[_GIVEN : _FAMILY + 1]:
            return row if again is not None else None
        flags = tuple(flag for flag in FLAG_ORDER if flag in row[_FLAGS] or flag in again[_FLAGS])
        marks = (row[_GENERATION] or again[_GENERATION], joined((row[_SUFFIX], again[_SUFFIX]), ", "))
        company = row[_COMPANY] or again[_COMPANY]
        row = (
            row[0] or again[0],
            *again[_GIVEN:_GENERATION],
            *marks,
            *again[_SUFFIX + 1 : _COMPANY],
            company,
            *again[10:12],
            flags,
        )
    return row


def _general(texts: Sequence[str | None]) -> NameRow | None:
    """Read any shape of name."""
    parts, flags = _sorted_parts([_usable(text) for text in texts])
    if any("@" in text for text in texts if text is not None):
        flags.add("email")
    if flags & {"company", "placeholder"} and not parts.given and not parts.family:
        return nobody_row(parts.company, flags)
    if not (parts.given or parts.family):
        return None
    return person_row(parts, flags)


@lru_cache(maxsize=100_000)
def _usable(text: str | None) -> str | None:
    """Cleaned text without marks (`Boyle*`), None for placeholders, e-mails and web addresses."""
    cleaned = value(text, "name") if text is not None and len(text) <= _MAX_TEXT else None
    if cleaned is None or "@" in cleaned or "://" in cleaned:
        return None
    return value(without_marks(cleaned), "name")


def _sorted_parts(texts: list[str | None]) -> tuple[Parts, set[str]]:
    """Decide which columns (in the order of `NAME_PARTS`) hold what, and read them."""
    given, middle, family, full, title, suffix = texts
    flags: set[str] = set()
    parts = Parts(title=_shown(title, TITLES), middle=middle)
    for word in (suffix or "").replace(",", " ").split():
        parts.add_suffix(word)
    whole = _whole_name(given, family, full, flags)
    if whole is not None:
        _read_whole(parts, whole, flags)
    else:
        _read_columns(parts, given, family, flags)
    return parts, flags


def _is_title(given: str) -> bool:
    """A title where the given name should be: `Dr.`, `Hon.`, `Sir`, but not `Earl`."""
    key = name_key(given) or ""
    return key in TITLES and key not in TITLES_THAT_ARE_NAMES


def _whole_name(given: str | None, family: str | None, full: str | None, flags: set[str]) -> str | None:
    """Return the text that holds the whole name, or None where the columns hold their parts."""
    if given is None and family is None:
        return full
    if (
        full is not None
        and " " in full
        and (given is None or family is None or given.endswith(",") or _is_title(given))
    ):
        return full
    if given is not None and family is not None:
        twice = name_key(given) == name_key(family) and " " in given.strip()
        if twice:
            flags.add("split")
        return given if twice else None
    one = given or family or ""
    words = [name_key(word) or "" for word in one.split()]
    if len(words) < 2 or (given is None and "," not in one and not is_known_given_name(words[0])):
        return None
    if family is None and "," not in one and (is_known_given_name(words[-1]) or len(words[-1]) == 1):
        return None
    flags.add("split")
    return one


def _read_whole(parts: Parts, whole: str, flags: set[str]) -> None:
    if is_company(whole):
        parts.company = whole
        flags.add("company")
    elif is_nobody(name_key(whole) or ""):
        flags.add("placeholder")
    elif read_full(parts, whole):
        flags.add("swapped")


def _read_columns(parts: Parts, given: str | None, family: str | None, flags: set[str]) -> None:
    if given is not None and family is not None and given.endswith(","):
        given, family = family, given.rstrip(",")
        flags.add("swapped")
    if is_nobody(name_key(joined((given, family))) or ""):
        flags.add("placeholder")
        return
    key = name_key(given) or ""
    if is_nobody(key) and (family is None or " " in key or not key.isalpha() or key in _NEVER_GIVEN):
        flags.add("placeholder")
        given = None
    if family is not None and is_company(family):
        parts.company = family
        flags.add("company")
        family = None
    elif family is not None and is_nobody(name_key(family) or "") and " " in family:
        flags.add("placeholder")
        family = None
    if given is not None:
        read_given(parts, given, family)
    if family is not None:
        read_family(parts, family)


def _shown(text: str | None, table: Mapping[str, str]) -> str | None:
    return None if text is None else table.get(name_key(text) or "", text)


def parse_name(
    *,
    given: str | None = None,
    middle: str | None = None,
    family: str | None = None,
    full: str | None = None,
    title: str | None = None,
    suffix: str | None = None,
) -> PersonName | None:
    """Read a person's name from its columns; None where they hold nothing.

    `full` counts where the given or the family name is missing. A whole name in one of the other columns, a comma
    (`SMITH, JOHN A`), a company in the family-name column, e-mails, marks (`Boyle*`) and placeholders (`Guest 123`)
    are recognised; see `PersonName.flags`.
    """
    row = _row(given, middle, family, full, title, suffix)
    return None if row is None else PersonName(*row)


def name_columns(columns: Mapping[str, Texts]) -> pa.Table:
    """Standardise distinct names: parallel columns named as in `NAME_PARTS`, any of them absent.

    Returns one row of `NAME_SCHEMA` per entry.
    """
    unknown = set(columns) - set(NAME_PARTS)
    if unknown:
        raise ValueError(f"unknown name columns {sorted(unknown)}; known are {NAME_PARTS}")
    size = max((len(column) for column in columns.values()), default=0)
    nothing: Texts = (None,) * size
    return to_table(map(_row, *(columns.get(part, nothing) for part in NAME_PARTS)), NAME_SCHEMA)
