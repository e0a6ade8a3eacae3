"""Countries, their subdivisions, postal codes and cities: names to codes, damage repaired where it is certain.

Codes follow ISO 3166 (through `pycountry`) and the postal formats of the Universal Postal Union's members.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from identity.standard.tables_of_words import rows
from identity.standard.text import fold, value

_POSTAL_DIGITS = {
    "US": 5, "DE": 5, "FR": 5, "IT": 5, "ES": 5, "MX": 5, "FI": 5, "EE": 5, "HR": 5, "TR": 5, "UA": 5, "KR": 5, "MY": 5,
    "PR": 5, "AU": 4, "RO": 6, "SG": 6,
}  # fmt: skip
_COUNTRY_MARK = re.compile(
    r"^(?:D|DE|A|AT|CH|FL|LI|F|FR|I|IT|E|ES|NL|B|BE|L|LU|DK|S|SE|N|NO|FIN|FI|PL|PT|CZ|SK|HR|SI)[ -]+(?=[0-9])"
)
_FLOAT_TAIL = re.compile(r"^([0-9]+)\.0$")
_US = re.compile(r"([0-9]{5})[ -]?([0-9]{4})?")
_GB = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9O][A-Z]{2})")
_CA = re.compile(r"([ABCEGHJ-NPRSTVXY])([0-9OI])([A-Z])([0-9OI])([A-Z])([0-9OI])")
_TO_DIGITS = str.maketrans("OIL|SZB", "0111528")
_LOOKS_LIKE_ZIP = re.compile(r"(?=.*[0-9])[0-9OIL|SZB]{5}")
_NOT_ALNUM = re.compile(r"[^0-9A-Z]+")
_MAX_CODE = 20
_CITY_WORDS = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "pt": "port"}


class PostalCode(NamedTuple):
    """A postal code as written, its key for comparison, the US +4, and whether lost leading zeros were restored."""

    shown: str
    key: str
    plus_four: str | None
    restored: bool


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    import pycountry

    names: dict[str, str] = {}
    for country in sorted(pycountry.countries, key=lambda each: str(each.alpha_2)):
        for attribute in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
            known = getattr(country, attribute, None)
            if known:
                names.setdefault(fold(known), country.alpha_2)
    for row in rows("country_names"):
        for name in row["names"].split("|"):
            names[fold(name)] = row["code"]
    return names


@lru_cache(maxsize=50_000)
def parse_country(text: str | None) -> str | None:
    """Return the ISO 3166 alpha-2 code for a code, an English or a local name; None for anything else."""
    cleaned = value(text, "place")
    if cleaned is None:
        return None
    key = fold(cleaned)
    return _countries().get(key) or _countries().get(key.removeprefix("the "))


@lru_cache(maxsize=300)
def _regions(country: str) -> dict[str, str]:
    import pycountry

    found: dict[str, str] = {}
    for part in sorted(pycountry.subdivisions.get(country_code=country) or (), key=lambda each: str(each.code)):
        code = part.code.partition("-")[2]
        for name in (code, part.code, part.name):
            found.setdefault(fold(name), code)
    for row in rows("region_names"):
        if row["country"] == country:
            for name in row["names"].split():
                found.setdefault(name.replace("_", " "), row["code"])
    return found


@lru_cache(maxsize=100_000)
def region_code(text: str, country: str | None) -> str | None:
    """Return the subdivision's code (`CA`, `NSW`) inside a country; None where the country has no such part."""
    return _regions(country).get(fold(text)) if country else None


@lru_cache(maxsize=100_000)
def parse_region(text: str | None, country: str | None) -> str | None:
    """Return the subdivision's ISO 3166-2 code without the country, else the folded text."""
    cleaned = value(text, "place")
    if cleaned is None:
        return None
    return region_code(cleaned, country) or fold(cleaned) or None


@lru_cache(maxsize=100_000)
def parse_postal_code(text: str | None, country: str | None) -> PostalCode | None:
    """Read a postal code; None for placeholders (`-`, `00000`, `99999`) and text without digits or letters.

    Takes off country marks (`D-10115`), reads the letter O as zero where only a digit can stand, and restores leading
    zeros that a spreadsheet dropped, where the country's codes have one fixed length (`restored`).
    """
    cleaned = value(text, "postal_code")
    if cleaned is None or len(cleaned) > _MAX_CODE:
        return None
    ascii_text = cleaned if cleaned.isascii() else fold(cleaned)
    upper = _FLOAT_TAIL.sub(r"\1", _COUNTRY_MARK.sub("", ascii_text.upper()))
    known = _by_country(upper, country)
    if known is None:
        key = _NOT_ALNUM.sub("", upper) or fold(upper).replace(" ", "").upper()
        known = PostalCode(upper, key, None, False) if key and len(upper) <= _MAX_CODE else None
    if known is None or (len(set(known.key)) == 1 and known.key[0] in "09X") or not known.key:
        return None
    return known


def _by_country(upper: str, country: str | None) -> PostalCode | None:
    compact = _NOT_ALNUM.sub("", upper)
    if country == "US":
        if _LOOKS_LIKE_ZIP.fullmatch(upper) and not upper.isdigit():
            upper = upper.translate(_TO_DIGITS)
        zip_code = _US.fullmatch(upper)
        if zip_code is not None:
            return PostalCode(zip_code[1], zip_code[1], zip_code[2], False)
    british = _GB.fullmatch(compact) if country in {"GB", None} else None
    if british is not None:
        inward = british[2].replace("O", "0", 1) if british[2][0] == "O" else british[2]
        return PostalCode(f"{british[1]} {inward}", british[1] + inward, None, False)
    canadian = _CA.fullmatch(compact) if country in {"CA", None} else None
    if canadian is not None:
        code = "".join(
            part.translate(_TO_DIGITS) if index % 2 else part for index, part in enumerate(canadian.groups())
        )
        return PostalCode(f"{code[:3]} {code[3:]}", code, None, False)
    length = _POSTAL_DIGITS.get(country or "")
    if length is not None and compact.isdigit() and max(3, length - 2) <= len(compact) < length:
        code = compact.zfill(length)
        return PostalCode(code, code, None, True)
    return None


@lru_cache(maxsize=100_000)
def country_of_postal_code(text: str | None) -> str | None:
    """Return the country that alone writes codes of this shape: Canada's `M1S 1T4`, Britain's `LS1 1AA`."""
    if text is None or text.isdigit():
        return None
    compact = _NOT_ALNUM.sub("", text.upper())
    if re.fullmatch(r"[A-Z][0-9][A-Z][0-9][A-Z][0-9]", compact):
        return "CA"
    return "GB" if re.fullmatch(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}", compact) and len(compact) >= 5 else None


@lru_cache(maxsize=200_000)
def city_key(text: str) -> str | None:
    """Return the folded city, with St, Mt and Ft at its start written out."""
    words = fold(text).split()
    if len(words) > 1:
        words[0] = _CITY_WORDS.get(words[0], words[0])
    return " ".join(words) or None
