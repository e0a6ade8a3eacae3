"""Whole addresses in one text: which piece is the street, the city, the region, the postal code, the country."""

import re
from dataclasses import dataclass

from identity.standard.places import country_of_postal_code, parse_country, region_code
from identity.standard.streets import street_types
from identity.standard.text import clean, fold

_PIECES = re.compile(r"[\n\r]+|\s{2,}|\s*[,;]\s*|\t+")
_CODE = (
    r"(?:[A-Z]{1,3}-)?[0-9]{5,6}(?:-?[0-9]{4})?|[A-Z]{1,2}[0-9][A-Z0-9]?\s?[0-9O][A-Z]{2}|[A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9]|"
    r"(?:[A-Z]{1,3}-)?[0-9]{4}(?:\s?[A-Z]{2})?|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|[0-9]{3}-[0-9]{4}|[0-9]{5}-[0-9]{3}|[0-9]{3}\s[0-9]{2,3}"
)
_WHOLE_CODE = re.compile(_CODE, re.IGNORECASE)
_CODE_BEHIND = re.compile(rf"(.*?[^\W\d_].*?)\s+({_CODE})", re.IGNORECASE)
_CODE_BEFORE = re.compile(
    r"((?:[A-Z]{1,3}-)?[0-9]{4,6}(?:\s[A-Z]{2}(?=\s))?|[0-9]{2}-[0-9]{3}|[0-9]{3}\s[0-9]{2}(?=\s))\s+([^\d].*)"
)
_DIRECTIONS = frozenset({"n", "s", "e", "w", "ne", "nw", "se", "sw"})
_HAS_DIGIT, _HAS_LETTER = re.compile(r"[0-9]"), re.compile(r"[^\W\d_]")
_STREET_HINT = re.compile(
    r"(?:stra(?:ss|ß)e|str\.?|weg|platz|gasse|straat|laan|box)\b|^(?:rue|calle|via|rua|ul\.?|avenue|no\.?|#)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Pieces:
    """What was found in the text; `lines` are the street lines in order."""

    lines: list[str]
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


def split_address_text(text: str, default_country: str | None) -> Pieces:
    """Split an address written as one text: lines, double spaces (Mailchimp) or commas; else by its street type."""
    marked = clean(_PIECES.sub("\n", text.strip()), lines=True) or ""
    pieces = [piece for piece in marked.split("\n") if _HAS_LETTER.search(piece) or _HAS_DIGIT.search(piece)]
    found = Pieces(lines=[])
    if not pieces:
        return found
    pieces = _take_country(found, pieces, default_country)
    pieces = _take_code(found, pieces)
    if found.country is None:
        found.country = country_of_postal_code(found.postal_code)
    pieces = _take_region(found, pieces, found.country or default_country)
    _take_city(found, pieces, default_country)
    return found


def _take_country(found: Pieces, pieces: list[str], default: str | None) -> list[str]:
    """A last piece that names a country; letters that also name a region at home need a postal code before."""
    last = pieces[-1]
    code = parse_country(last) if len(pieces) > 1 and not _HAS_DIGIT.search(last) else None
    if code is None:
        return _take_country_words(found, pieces)
    ambiguous = region_code(last, default) is not None
    if ambiguous and not _has_code(pieces[-2]):
        return pieces
    found.country = code
    return pieces[:-1]


def _take_country_words(found: Pieces, pieces: list[str]) -> list[str]:
    """A country as the last words of the last piece: `Phnom Penh Cambodia`, `059413 singapore`."""
    words = pieces[-1].split()
    for size in (2, 1):
        tail = " ".join(words[-size:])
        if len(words) > size and len(tail) > 3 and (code := parse_country(tail)) is not None:
            before = words[-size - 1]
            if _HAS_DIGIT.search(before) or len(words) > size + 2:
                found.country = code
                return [*pieces[:-1], " ".join(words[:-size])]
    return pieces


def _has_code(piece: str) -> bool:
    return _WHOLE_CODE.fullmatch(piece) is not None or _CODE_BEHIND.fullmatch(piece) is not None


def _take_code(found: Pieces, pieces: list[str]) -> list[str]:
    """The last piece that is, ends in or starts with a postal code (never the first piece's house number)."""
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        if index > 0 and _WHOLE_CODE.fullmatch(piece):
            found.postal_code = piece
            return [*pieces[:index], *pieces[index + 1 :]]
        behind = _CODE_BEHIND.fullmatch(piece)
        if behind is not None and (
            index > 0 or len(re.sub(r"\D", "", behind[2])) >= 5 or country_of_postal_code(behind[2])
        ):
            found.postal_code = behind[2]
            return [*pieces[:index], behind[1], *pieces[index + 1 :]]
        before = _CODE_BEFORE.fullmatch(piece)
        if before is not None and index > 0:
            found.postal_code = before[1]
            return [*pieces[:index], before[2], *pieces[index + 1 :]]
    return pieces


def _take_region(found: Pieces, pieces: list[str], country: str | None) -> list[str]:
    """A piece, or the end of the last piece, that names a subdivision of the country."""
    if country is None:
        return pieces
    if len(pieces) > 1 and region_code(pieces[-1], country) is not None:
        long_name_is_city = len(pieces) == 2 and len(pieces[-1]) > 3 and _HAS_DIGIT.search(pieces[0])
        if not long_name_is_city:
            found.region = pieces[-1]
            return pieces[:-1]
    words = pieces[-1].split()
    if len(words) > 1 and len(words[-1]) in {2, 3} and words[-1].isupper() and region_code(words[-1], country):
        found.region = words[-1]
        return [*pieces[:-1], " ".join(words[:-1])]
    return pieces


def _looks_like_street(piece: str) -> bool:
    words = fold(piece).split()
    if _HAS_DIGIT.search(piece) or _STREET_HINT.search(piece):
        return True
    return len(words) > 1 and words[-1] in street_types() and len(words[-1]) <= 5


def _take_city(found: Pieces, pieces: list[str], default: str | None) -> None:
    """The last piece that is no street is the city; one piece alone is parted behind its street type."""
    streets = [index for index, piece in enumerate(pieces) if _looks_like_street(piece)]
    known_place = found.region or found.postal_code or found.country
    if len(pieces) == 1 and streets and known_place:
        line, city = _parted(pieces[0])
        found.lines, found.city = [line], city
        return
    if len(pieces) == 1 and not streets:
        found.city, found.lines = (pieces[0], []) if known_place else (None, pieces)
        return
    after = [index for index in range(len(pieces)) if index not in streets and (not streets or index > streets[0])]
    if after:
        position = (
            after[0] if found.region or len(after) == 1 or default == "US" else after[-1 if len(after) < 3 else 0]
        )
        found.city = pieces[position]
        found.lines = [piece for index, piece in enumerate(pieces) if index < position]
    elif len(pieces) > 1 and not streets:
        found.city, found.lines = pieces[-1], pieces[:-1]
    else:
        found.lines = pieces


def _parted(piece: str) -> tuple[str, str | None]:
    """`3212 W. 32nd St Palm Harbor`: the city follows the last street type that has words before and behind it."""
    words = piece.split()
    folded = [fold(word) for word in words]
    for index in range(len(words) - 2, 0, -1):
        is_type = folded[index] in street_types() and len(folded[index]) <= 9
        named = index >= 2 or not _HAS_DIGIT.search(words[0])
        if is_type and named and not any(_HAS_DIGIT.search(word) for word in words[index + 1 :]):
            end = index + 1
            while end < len(words) - 1 and folded[end] in _DIRECTIONS:
                end += 1
            return " ".join(words[:end]), " ".join(words[end:])
    return piece, None


def street_pieces(text: str, country: str | None, city: str | None) -> list[str]:
    """Part a line at its commas and leave out the pieces that repeat city, region, postal code or country."""
    pieces = [piece for piece in re.split(r"\s*[,;\n]\s*", text) if piece]
    if len(pieces) < 2:
        return pieces
    known = {fold(city)} if city else set()
    kept = [pieces[0]]
    for piece in pieces[1:]:
        bare = _CODE_BEHIND.fullmatch(piece)
        name = bare[1] if bare is not None else piece
        elsewhere = fold(name) in known or region_code(name, country) is not None or parse_country(name) is not None
        if not elsewhere and not (_WHOLE_CODE.fullmatch(piece) and len(piece) >= 5):
            kept.append(piece)
    return kept
