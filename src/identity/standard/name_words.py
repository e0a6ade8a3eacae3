"""Words in and around names: titles, suffixes, particles, companies, placeholders; the key and the spelling.

Common knowledge of names, written for this project; the longer lists are in `data/`.
"""

import re
import unicodedata
from functools import lru_cache

from identity.standard.tables_of_words import mapping
from identity.standard.text import fold

TITLES = mapping("titles", "title", "shown")
TITLES_THAT_ARE_NAMES = frozenset(word for word, kind in mapping("titles", "title", "alone").items() if kind == "name")
SUFFIXES = mapping("suffixes", "suffix", "shown")
GENERATIONS = {
    word: SUFFIXES[word] for word, kind in mapping("suffixes", "suffix", "kind").items() if kind == "generation"
}

PARTICLES = frozenset({
    "af", "al", "am", "auf", "av", "bar", "bin", "bint", "da", "dal", "dalla", "das", "de", "degli", "dei", "del",
    "dela", "della", "den", "der", "des", "di", "do", "dos", "du", "el", "ibn", "la", "las", "le", "les", "lo",
    "los", "op", "san", "santa", "st", "ste", "t", "te", "ten", "ter", "van", "vanden", "vander", "vom", "von", "y",
    "zu", "zum", "zur",
})  # fmt: skip
_LOWER_PARTICLES = frozenset({
    "af", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "la", "las", "los",
    "ten", "ter", "van", "vom", "von", "y", "zu", "zum", "zur",
})  # fmt: skip
# A family name's first part that is written with or without a space.
_GLUED = frozenset({"o", "mc", "mac", "d", "l"})

_LEGAL_FORMS = frozenset({
    "gmbh", "mbh", "ggmbh", "ohg", "gbr", "ug", "inc", "incorporated", "llc", "llp", "ltd", "limited", "corp",
    "corporation", "sarl", "sas", "srl", "spa", "sprl", "bvba", "plc", "pty", "oyj", "aps", "ev", "eg", "ltda",
    "eirl", "sl", "slu", "doo", "zoo", "kft", "sro", "pvt", "pte", "bhd", "kk",
})  # fmt: skip
_LEGAL_FORMS_ALONE = frozenset({"gmbh", "inc", "llc", "ltd", "limited", "corp", "corporation", "incorporated"})
_SHORT_FORMS = frozenset({"AG", "KG", "SE", "AB", "AS", "A/S", "BV", "B.V.", "NV", "N.V.", "SA", "S.A.", "OY", "CO", "CO.", "LP"})  # noqa: E501  # fmt: skip
_COMPANY_WORDS = frozenset({
    "academy", "accounting", "agency", "apartments", "appliances", "association", "associates", "autos", "autohaus",
    "bakery", "bistro", "builders", "cafe", "catering", "centre", "clinic", "college", "commission", "committee",
    "company", "computers", "construction", "consultants", "consulting", "contractors", "council", "dental",
    "department", "dept", "design", "designs", "distribution", "distributors", "electric", "electronics",
    "engineering", "enterprise", "enterprises", "equipment", "estates", "exports", "fitness", "foundation",
    "furniture", "group", "hardware", "healthcare", "holding", "holdings", "hospital", "hotel", "imports",
    "industries", "institute", "insurance", "international", "investments", "laboratories", "landscaping",
    "laundry", "logistics", "manufacturing", "mart", "ministry", "motors", "municipality", "partners", "pharmacy",
    "pizzeria", "plumbing", "printing", "productions", "products", "properties", "realty", "rentals", "restaurant",
    "salon", "school", "schule", "services", "software", "solutions", "sons", "store", "stores", "studio",
    "studios", "supermarket", "supplies", "supply", "systems", "technologies", "technology", "trading", "transport",
    "trucking", "trust", "universal", "university", "ventures", "verein", "verlag", "warehouse", "wholesale",
})  # fmt: skip
_COMPANY_NUMBER = re.compile(r"\s&\s*(?:co|sons?|cie|partners?)\b", re.IGNORECASE)

_NOBODY_WORDS = (
    "guest|visitor|customer|client|walk ?in|cash|anonymous|anon|unknown|user|member|shopper|buyer|kiosk|register|pos|"
    "till|store|shop|account|kunde|gast|barverkauf|laufkunde|invitado|cliente|invite|ospite|klant|default|dummy|test|"
    "tester|testing|temp|temporary|demo|sample|deleted|removed|former|inactive|permanently|instant|profile|new|nobody"
)
_NOBODY = re.compile(rf"(?:{_NOBODY_WORDS})(?: (?:{_NOBODY_WORDS}|no|number|id|[a-z]?[0-9]+))*")
_OF_THE_HOUSE = re.compile(
    r"(?:lady|man|woman|gentleman|head|master|mistress|owner)(?: (?:of|in|the|house|household|home))+"
)
_NOBODY_PHRASES = frozenset({
    "no name", "no last name", "no first name", "no surname", "no given name", "last name", "first name", "surname",
    "given name", "family name", "of the house", "in the house", "the house", "male child", "female child",
    "child male", "child female", "baby boy", "baby girl", "infant", "occupant", "current occupant", "resident",
    "current resident", "current tenant", "householder", "home owner", "homeowner", "to whom it may concern",
    "parent guardian", "full name", "your name", "asdf asdf", "abc abc", "n a", "none none", "not available",
    "not given",
})  # fmt: skip

NOBODY_FIRST_WORDS = frozenset(phrase.partition(" ")[0] for phrase in _NOBODY_PHRASES) | frozenset(
    (_NOBODY_WORDS.replace(" ?in", "") + "|walkin|lady|man|woman|gentleman|head|master|mistress|owner").split("|")
)

# A text of two words whose last is none of these, and whose first is no legal form, names no organisation or nobody.
NOT_BEHIND_A_NAME = NOBODY_FIRST_WORDS | _LEGAL_FORMS | _COMPANY_WORDS | {word.lower() for word in _SHORT_FORMS}

_LETTER_LIKE_BAR = re.compile(r"(?<=[^\W\d_])\||\|(?=[^\W\d_])")
_COLON_INSIDE = re.compile(r"(?<=\w)[:;](?=\w)")
_MC = re.compile(r"\bMc([a-z])")
_WORD_START = re.compile(r"(^|[\s\-–'’(/.])([^\W\d_])")
_VOWEL = re.compile(r"[aeiouyäöü]", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[\s-]?)+")


@lru_cache(maxsize=100_000)
def name_key(text: str | None, *, family: bool = False) -> str | None:
    """Return the folded name for comparison; None where nothing is left.

    Hyphens part words (Lopez-Garcia = Lopez Garcia), apostrophes vanish, a bar beside a letter is an l (scanned
    forms), and a family name's O', Mc, Mac, D' joins what follows, however it was typed.
    """
    if text is None:
        return None
    if not text.isalpha():
        text = _COLON_INSIDE.sub("", _LETTER_LIKE_BAR.sub("l", text))
    key = fold(text)
    if family and " " in key:
        words = key.split(" ")
        for index in range(len(words) - 2, -1, -1):
            if words[index] in _GLUED:
                words[index : index + 2] = [words[index] + words[index + 1]]
        key = " ".join(words)
    return key or None


@lru_cache(maxsize=100_000)
def display_case(text: str) -> str:
    """Repair the case of a name typed in capitals or in small letters only; leave any other as it is.

    `JOHN SMITH` John Smith, `o'brien` O'Brien, `mcdonald` McDonald, `VAN DER BERG` van der Berg. Only for reading,
    never for keys.
    """
    if len(text) > 3 and text.isascii() and text.isalpha():
        shown = text.capitalize() if text.isupper() or text.islower() else text
        return _MC.sub(_mc_capital, shown) if shown is not text and shown.startswith("Mc") else shown
    if not (text.isupper() or text.islower()) or len(text) < 2:
        return text.upper() if len(text) == 1 and len(text.upper()) == 1 else text
    return " ".join(_word_case(word, alone=" " not in text) for word in text.split(" "))


def _mc_capital(match: re.Match[str]) -> str:
    return f"Mc{match[1].upper()}"


def _word_case(word: str, *, alone: bool) -> str:
    if word.isupper() and 1 < len(word) <= 3 and _VOWEL.search(word) is None:
        return word  # JP, TJ
    lowered = word.lower()
    if not alone and lowered in _LOWER_PARTICLES:
        return lowered
    capital = _WORD_START.sub(lambda match: match[1] + match[2].title(), lowered)
    return unicodedata.normalize("NFC", _MC.sub(_mc_capital, capital))


def is_initials(text: str) -> bool:
    """Tell whether a name is initials only: `J`, `J.`, `J.P.`, `J P`; `Jo` and `AJ` are names."""
    if len(text) == 1:
        return text.isalpha() and text.isascii()
    return ("." in text or " " in text) and _INITIALS.fullmatch(text) is not None and len(max(re.split(r"[.\s-]", text), key=len)) == 1  # noqa: E501  # fmt: skip


@lru_cache(maxsize=100_000)
def is_company(text: str) -> bool:
    """Tell whether a text names an organisation: a legal form at its end, or a word only businesses bear."""
    words = text.split()
    if len(words) < 2:
        return fold(text) in _LEGAL_FORMS_ALONE
    folded = [fold(word) for word in words]
    if folded[-1] in _LEGAL_FORMS or folded[-2] in _LEGAL_FORMS or _COMPANY_NUMBER.search(text):
        return True
    if words[-1] in _SHORT_FORMS and not text.isupper():
        return True
    return any(word in _COMPANY_WORDS for word in folded[1:]) and folded[0] not in TITLES


def is_nobody(key: str) -> bool:
    """Tell whether a folded whole name is a placeholder: `guest 123`, `walk in customer`, `lady of the house`."""
    if key.partition(" ")[0] not in NOBODY_FIRST_WORDS:
        return False
    return key in _NOBODY_PHRASES or bool(_NOBODY.fullmatch(key) or _OF_THE_HOUSE.fullmatch(key))
