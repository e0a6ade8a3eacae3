"""Text as it is typed, and as it is compared: cleaning, folding, words that mean "nothing".

Everything here is pure, accepts any string and never raises. Two forms of a text exist:

* *clean*: what a person may read. NFC, no control or zero-width characters, single spaces.
* *folded*: what is compared. Case, accents, punctuation and the composition of characters are gone;
  scripts other than Latin keep their letters.

Both are idempotent, and neither moves with case (folded), spacing, or NFC against NFD.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

Kind = Literal["any", "name", "phone", "email", "street", "place", "postal_code", "date"]

FORMULA_TRIGGERS = "^[=+\\-@\t\r\n|%]"
"""Beginnings of cells that a spreadsheet may run as a formula (OWASP, "CSV Injection")."""

# Control characters that are no white space, soft hyphen, zero-width and direction marks, lone surrogates
# (they cannot be written as UTF-8).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff]"
)
_EXCEL_GUARD = re.compile(r"'(?=[0-9+=@-])")
_DUMMY_LEAD = re.compile(r"<\s*test lead\b", re.IGNORECASE)

# Letters whose accent is part of the letter, so that no decomposition exists.
_LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n",
    "ŧ": "t", "ƒ": "f", "ĸ": "k", "ɨ": "i", "ƀ": "b", "ǥ": "g", "ə": "e",
}  # fmt: skip
# Apostrophes and dots vanish (O'Brien = OBrien, J.P. = JP); all other punctuation parts words.
_VANISH = frozenset("'’‘ʼʻ`´′.·‧・")
_COMBINING = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C5),
    (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06DC), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F),
)  # fmt: skip

# Words that say "no value" in any column. Compared case-folded, after trimming.
_NULL_ANYWHERE = frozenset({
    "n/a", "n.a.", "#n/a", "#na", "<na>", "#null!", "#ref!", "#value!", "none", "null", "(null)", "(none)", "nil",
    "(not set)", "not set", "(direct)", "undefined", "unknown", "(unknown)", "not available", "not applicable",
    "not provided", "not given", "not known", "unspecified", "missing", "empty", "(empty)", "blank", "(blank)",
    "\\n", "[]", "{}", "[redacted]", "redacted", "deleted", "keine angabe", "k.a.", "k. a.", "unbekannt", "inconnu",
    "desconocido", "sin datos", "s/n", "s/d", "sconosciuto", "onbekend", "não informado", "okänd",
})  # fmt: skip
_NULL_BY_KIND: dict[str, frozenset[str]] = {
    "name": frozenset({"test", "tbd", "tba", "x", "xx", "xxx", "xxxx", "asdf", "qwerty", "noname", "no name"}),
    "phone": frozenset({"na", "nan", "test", "tbd", "x", "xx", "xxx", "no phone", "none given"}),
    "email": frozenset({"na", "nan", "no", "test", "tbd", "x", "xx", "xxx", "no email", "noemail"}),
    "street": frozenset({"na", "nan", "test", "tbd", "x", "xx", "xxx", "no address", "same", "homeless"}),
    "place": frozenset({"nan", "test", "tbd", "x", "xx", "xxx", "no city", "other"}),
    "postal_code": frozenset({"na", "nan", "test", "tbd", "x", "xx", "xxx", "no zip"}),
    "date": frozenset({"na", "nan", "nat", "test", "tbd", "0000-00-00", "0000-00-00 00:00:00", "never"}),
    "any": frozenset({"nan"}),
}


def _fold_character(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    out = []
    for part in decomposed:
        if part in _VANISH or any(low <= ord(part) <= high for low, high in _COMBINING):
            continue
        category = unicodedata.category(part)
        if category[0] in "PSZC":
            out.append(" ")
        elif category == "Nd":
            out.append(str(unicodedata.digit(part)))
        elif category != "Lm" or not 0x02B0 <= ord(part) <= 0x02FF:  # modifier letters serve as apostrophes
            out.append(_LETTERS.get(part, part))
    return unicodedata.normalize("NFC", "".join(out))


class _FoldTable(dict[int, str]):
    """Folded form of every character met so far; filled as characters turn up."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


_FOLD = _FoldTable()


def clean(text: str | None, *, lines: bool = False) -> str | None:
    """Return the text as a person may read it, or None where nothing is left.

    NFC, no invisible characters, runs of white space folded to one space (`lines` keeps line breaks), and the
    single leading apostrophe removed with which spreadsheets keep `'+49…` or `'0123` from becoming a number.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    if lines and ("\n" in text or "\r" in text):
        rows = (" ".join(row.split()) for row in text.splitlines())
        text = "\n".join(row for row in rows if row)
    else:
        text = " ".join(text.split()) if "  " in text or not text.isprintable() else text.strip()
    if text[:1] == "'":
        text = _EXCEL_GUARD.sub("", text, count=1) if text[1:2] != "'" else text
    return text or None


def fold(text: str) -> str:
    """Return the form in which texts are compared: lower case, no accents, no punctuation, single spaces.

    `ß` is `ss`, `ø` `o`, `ł` `l`; apostrophes and dots vanish, other punctuation parts words; decimal digits of
    every script become ASCII. Letters of other scripts stay. `fold(fold(x)) == fold(x)`.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_FOLD).split())
    once = _fold_once(text)
    while (again := _fold_once(once)) != once:  # a few letters need a second pass; each shortens or settles
        once = again
    return once


def _fold_once(text: str) -> str:
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).translate(_FOLD)
    return " ".join(unicodedata.normalize("NFC", composed).split())


def is_null_word(text: str, kind: Kind = "any") -> bool:
    """Tell whether a cleaned text says "no value".

    That is `-`, `n/a`, `(not set)`, `.`, and for some kinds `test` or `xxx`.

    The lists are the placeholders seen in exports (`exports.md`, quirk 15). `na` and `nan` are words of absence
    in most columns but are a surname and a given name, and `NA` is Namibia.
    """
    lowered = text.casefold()
    if lowered in _NULL_ANYWHERE or lowered in _NULL_BY_KIND[kind]:
        return True
    if text[:1].isalnum():
        return False
    return not any(map(str.isalnum, lowered)) or _DUMMY_LEAD.match(lowered) is not None


@lru_cache(maxsize=100_000)
def value(text: str | None, kind: Kind = "any") -> str | None:
    """Return the cleaned text, or None where it is absent or only says so."""
    cleaned = clean(text)
    return None if cleaned is None or is_null_word(cleaned, kind) else cleaned


def joined(parts: Iterable[str | None], separator: str = " ") -> str | None:
    """Join the parts that exist; None when none does."""
    return separator.join(part for part in parts if part) or None
