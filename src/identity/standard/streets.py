"""The line with the street: house number, street, flat, post-office box, and the key streets are compared by."""

import re
from functools import lru_cache
from typing import NamedTuple

from identity.standard.tables_of_words import rows
from identity.standard.text import fold

_GERMAN = frozenset({"DE", "AT", "CH", "LI", "LU"})
_DUTCH = frozenset({"NL", "BE", "SR"})
_BILINGUAL = frozenset({"CA", "PR", "CH", "BE"})
# Countries that write the number behind the street.
_OTHERS_LAST = "ES IT PT BR MX AR CL CO PE EC UY PL CZ SK HU HR SI RS BG RO SE DK NO FI IS EE LV LT GR TR RU UA BY SM"
NUMBER_LAST = _GERMAN | _DUTCH | frozenset(_OTHERS_LAST.split())
_DIRECTIONS = {
    "n": "north", "s": "south", "e": "east", "w": "west", "ne": "northeast", "nw": "northwest", "se": "southeast",
    "sw": "southwest", "north": "north", "south": "south", "east": "east", "west": "west", "northeast": "northeast",
    "northwest": "northwest", "southeast": "southeast", "southwest": "southwest",
}  # fmt: skip
_ORDINAL_WORDS = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7", "eighth": "8",
    "ninth": "9", "tenth": "10", "eleventh": "11", "twelfth": "12",
}  # fmt: skip
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
_NUMBERED = {
    "cr": "county road",
    "sr": "state route",
    "rte": "route",
    "rt": "route",
    "hwy": "highway",
    "i": "interstate",
}
_GERMAN_STREET = re.compile(r"(?<=[a-z])str(?:asse)?$")
_GERMAN_APART = frozenset({"str", "strasse"})
_NOT_FIRST = frozenset(
    {"st", "dr", "is", "un", "br", "pr", "pt", "ft", "mt", "via", "la", "el", "flat", "ter", "cor", "man"}
)

_UNIT_WORDS = (
    r"apartment|apartamento|appartement|apt|appt|app|aptmt|unit|suite|ste|flat|room|rm|lot|trailer|trlr|space|spc|dept|"
    r"wohnung|whg|depto|dpto|departamento|interno|lokal|box"
)
_UNIT_ID = r"(?:no|nr|number|num|n)?\.?\s*#?\s*([0-9]+(?:\s?-?[a-z0-9]{1,4})?|[a-z](?:[\s-]?[0-9]{1,5})?)"
_UNIT = re.compile(rf"(?:^|[\s,(])(?:{_UNIT_WORDS})\b\.?\s*{_UNIT_ID}(?=$|[\s,;)])\)?", re.IGNORECASE)
_FLOOR = re.compile(
    rf"(?:^|[\s,])(floor|flr|fl|level|stock|piso|planta|etage|étage|building|bldg|bld)\b\.?\s*{_UNIT_ID}(?=$|[\s,;)])",
    re.IGNORECASE,
)
_HASH = re.compile(r"(?:^|[\s,])#\s*([0-9a-z][0-9a-z-]*)(?=$|[\s,;])", re.IGNORECASE)
_BARE_UNIT = re.compile(r"#?\s*([0-9]+(?:\s?-?[a-z0-9]{1,4})?|[a-z](?:[\s-]?[0-9]{1,5})?)", re.IGNORECASE)
_BOX = re.compile(
    r"(?:^|[\s,])(?:p\.?\s?o\.?\s?box|post\s?office\s?box|postfach|postbus|b\.?p\.?|bo[iî]te postale|"
    r"apartado(?: de correos)?|casilla|caixa postal|casella postale|locked bag|private bag)"
    r"\b\.?\s*(?:no\.?|nr\.?|#)?\s*([0-9][0-9 -]*[0-9]|[0-9])(?=$|[\s,;])",
    re.IGNORECASE,
)
_FLOOR_WORDS = {"flr": "floor", "fl": "floor", "étage": "etage", "bldg": "building", "bld": "building"}
_NUMBER = r"[0-9]{1,6}(?:[\s-]?[a-zA-Z](?![a-zA-Z]))?(?:\s?[-/]\s?[0-9]{1,5}[a-zA-Z]?)?(?:\s1/[24])?"
# In front of a street a letter apart from the number is a direction if it can be one (6371 E Foothill Dr).
_NUMBER_IN_FRONT = (
    r"[0-9]{1,6}(?:-?[a-z](?![a-z])|\s[a-dfgh](?![a-z]))?(?:\s?[-/]\s?[0-9]{1,5}[a-z]?)?(?:\s1/[24])?|[nsew][0-9]{2,6}"
)
_NUMBER_FIRST_FORM = re.compile(
    rf"(?:no\.?\s*|nr\.?\s*|#\s*)?({_NUMBER_IN_FRONT})(?:,\s*|\s+)(?=\S)(.+)", re.IGNORECASE
)
_NUMBER_LAST_FORM = re.compile(rf"(.*?[^\W\d_]\.?\)?)\s*,?\s*(?:no\.?|nr\.?|nº|n°|n\.|#)?\s*({_NUMBER})", re.IGNORECASE)
_LEADING_ZEROS = re.compile(r"^0+(?=[0-9])")
_NUMBER_ONLY = re.compile(rf"(?:no\.?\s*|nr\.?\s*|#\s*)?({_NUMBER})", re.IGNORECASE)
_FLAT_BEHIND = re.compile(
    r"(.*[^\W\d_]\.?,?\s*[0-9]{1,5}[a-zA-Z]?)\s*,\s*([0-9]{1,3}\s?[ºª°]?(?:\s?[a-zA-Z0-9]{1,3})?)", re.IGNORECASE
)
_LAST_HINT = re.compile(
    r"(?:stra(?:ss|ß)e|str\.?|weg|platz|allee|gasse|straat|laan|plein|gatan|vej|gade)$|^(?:calle|c/|avenida|via|viale|piazza|"
    r"rua|ul\.|ulica|corso|plaza|paseo)\b",
    re.IGNORECASE,
)


class Line(NamedTuple):
    """What one address line holds."""

    house_number: str | None
    street: str | None
    unit: str | None
    po_box: str | None


@lru_cache(maxsize=1)
def street_types() -> dict[str, str]:
    """Return full word by word and abbreviation, for types that stand behind the name everywhere."""
    return {
        form: row["word"]
        for row in rows("street_words")
        if row["place"] == "last" and not row["countries"]
        for form in (row["word"], *row["forms"].split())
    }


@lru_cache(maxsize=300)
def _country_types(country: str | None, place: str) -> dict[str, str]:
    return {
        form: row["word"]
        for row in rows("street_words")
        if row["place"] == place and country is not None and country in row["countries"].split()
        for form in (row["word"], *row["forms"].split())
    }


@lru_cache(maxsize=200_000)
def street_key(street: str, country: str | None = None) -> str | None:
    """Return the form in which streets are compared: folded, types and directions written out, ordinals as numbers.

    `n mosley rd` and `North Mosley Road` are equal, so are `Haupt Str.` and `Hauptstraße` (in German-speaking
    countries or where the word is whole), `Av. Foch` and `avenue Foch` in France, `32nd St` and `32 Street`.
    """
    words = fold(street).split()
    if not words:
        return None
    first_types = _country_types(country, "first")
    if words[0] in first_types or (first_types and country not in _BILINGUAL):
        words[0] = first_types.get(words[0], words[0])
        return " ".join(words)
    words = _german(words, country)
    last_types = _country_types(country, "last") or street_types()
    if country in _GERMAN:
        words[-1] = last_types.get(words[-1], words[-1]) if len(words) > 1 else words[-1]
        return " ".join(words)
    return " ".join(_english(words))


def _german(words: list[str], country: str | None) -> list[str]:
    """`haupt str` and `hauptstr` to `hauptstrasse`; `kerkstr` to `kerkstraat` in the Netherlands."""
    if country in _DUTCH:
        return [re.sub(r"(?<=[a-z]{2})str$", "straat", word) for word in words]
    out: list[str] = []
    for word in words:
        apart = word == "strasse" or (word == "str" and country in _GERMAN)
        if apart and out and not out[-1][-1].isdigit():
            out[-1] += "strasse"
        elif word.endswith("strasse") or (country in _GERMAN and word not in _GERMAN_APART):
            out.append(_GERMAN_STREET.sub("strasse", word))
        else:
            out.append("strasse" if apart else word)
    return out


def _english(words: list[str]) -> list[str]:
    words = _joined_directions([_number_word(word) for word in words])
    types = street_types()
    last = len(words) - 1
    if last == 0:
        return words
    out: list[str] = []
    for index, word in enumerate(words):
        following = words[index + 1] if index < last else ""
        if word == "st" and following and following not in _DIRECTIONS and not following.isdigit():
            out.append(
                "saint"
                if index == 0
                or words[index - 1] in {"mt", "mount", "port", "fort", "east", "west"}
                or following in types
                else "street"
            )
        elif index == 0:
            out.append(_first_word(word, following, last, types))
        elif word in _DIRECTIONS and (index == last or words[index - 1] in types):
            out.append(_DIRECTIONS[word])
        elif following.isdigit() and word in _NUMBERED:
            out.append(_NUMBERED[word])
        else:
            out.append(types.get(word, word))
    return out


def _first_word(word: str, following: str, last: int, types: dict[str, str]) -> str:
    if word in _DIRECTIONS:
        return word if last == 1 and following in types and len(word) == 1 else _DIRECTIONS[word]
    if following.isdigit() and word in _NUMBERED:
        return _NUMBERED[word]
    return word if word in _NOT_FIRST else types.get(word, word)


def _number_word(word: str) -> str:
    match = _ORDINAL.fullmatch(word)
    return match[1] if match else _ORDINAL_WORDS.get(word, word)


def _joined_directions(words: list[str]) -> list[str]:
    """`north east` and `n e` to `northeast`."""
    out: list[str] = []
    for word in words:
        if out and word in {"e", "w", "east", "west"} and out[-1] in {"n", "s", "north", "south"}:
            out[-1] = _DIRECTIONS[out[-1]] + _DIRECTIONS[word]
        else:
            out.append(word)
    return out


def house_number_key(text: str | None) -> str | None:
    """Return a house number in one spelling: `27 b` is `27B`, `144 - 28` is `144-28`; None without a digit."""
    if text is None:
        return None
    if text.isdigit() and text.isascii():
        return _LEADING_ZEROS.sub("", text) if text.strip("0") else None
    compact = re.sub(r"[^0-9A-Z/-]", "", fold_keep(text))
    compact = _LEADING_ZEROS.sub("", compact.strip("-/"))
    return compact if re.search(r"[0-9]", compact) and compact != "0" else None


def fold_keep(text: str) -> str:
    """Return upper-case text without accents that keeps hyphen and slash."""
    return "".join(part if part in "-/" else fold(part) for part in re.split(r"([-/])", text)).upper()


def read_unit(text: str | None) -> str | None:
    """Return the flat of a column of flats: `apt no 304` is `304`, `floor 10` stays `floor 10`; lower case."""
    if text is None:
        return None
    if (match := _FLOOR.search(text)) is not None and _UNIT.search(text) is None:
        return _floor(match)
    match = _UNIT.search(text) or _HASH.fullmatch(text.strip()) or _BARE_UNIT.fullmatch(text.strip())
    if match is not None:
        return _compact(match[1])
    key = fold(text)
    return read_unit(key) if key != text else key or None


def _compact(text: str) -> str:
    return fold(text).replace(" ", "")


def _floor(match: re.Match[str]) -> str:
    word = match[1].lower()
    return f"{_FLOOR_WORDS.get(word, word)} {_compact(match[2])}"


def read_box(text: str | None) -> str | None:
    """Return the number of a post-office box, from a line that names one or from digits alone."""
    if text is None:
        return None
    match = _BOX.search(text)
    digits = re.sub(r"[^0-9]", "", match[1] if match else text)
    return digits or None


def _take_unit(text: str) -> tuple[str, str | None]:
    for pattern in (_UNIT, _FLOOR, _HASH):
        match = pattern.search(text)
        if match is not None and (match.start() > 0 or match.end() < len(text) or pattern is not _HASH):
            unit = _floor(match) if pattern is _FLOOR else _compact(match[1])
            rest = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,;-")
            return " ".join(rest.split()), unit
    return text, None


def flat_behind(text: str, country: str | None) -> re.Match[str] | None:
    """Match `Calle Mayor 5, 2`: street and number, then the flat, where numbers follow the street."""
    return _FLAT_BEHIND.fullmatch(text) if country in NUMBER_LAST else None


@lru_cache(maxsize=200_000)
def read_line(text: str, country: str | None) -> Line:
    """Split one address line (without city) into house number, street, flat and box."""
    box: str | None = None
    match = _BOX.search(text)
    if match is not None:
        box = re.sub(r"[^0-9]", "", match[1])
        text = f"{text[: match.start()]} {text[match.end() :]}".strip(" ,;-")
    text, unit = _take_unit(text)
    text = text.strip(" ,;")
    if not text:
        return Line(None, None, unit, box)
    behind = flat_behind(text, country) if unit is None else None
    if behind is not None:
        text, unit = behind[1], fold(behind[2]).replace(" ", "")
    number, street = _take_number(text, country)
    return Line(house_number_key(number), street or None, unit, box)


def _take_number(text: str, country: str | None) -> tuple[str | None, str]:
    """House number and street by the country's habit, else by the form of the line."""
    first = _NUMBER_FIRST_FORM.fullmatch(text)
    if first is not None and fold(first[2]) in street_types():
        first = None  # 32 Street
    last = _NUMBER_LAST_FORM.fullmatch(text)
    behind = country in NUMBER_LAST or _LAST_HINT.search(last[1] if last else "") is not None
    if last is not None and behind and (first is None or country in NUMBER_LAST):
        return last[2], last[1].rstrip(" ,")
    if first is not None:
        return first[1], first[2].strip(" ,")
    only = _NUMBER_ONLY.fullmatch(text)
    return (only[1], "") if only is not None else (None, text)
