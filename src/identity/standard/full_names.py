"""Reading one text that holds several parts of a name."""

import re
from dataclasses import dataclass, field

from identity.standard.name_words import GENERATIONS, PARTICLES, SUFFIXES, TITLES, TITLES_THAT_ARE_NAMES, name_key

_MARKS = ' *#?!"“”„«»_~^+=<>;:\\/|%$§°†‡'
_PARENTHESES = re.compile(r"\s*[(\[{][^()\[\]{}]*[)\]}]\s*")
_QUOTED = re.compile(r"\s+[\"“'‘(]([^\"”'’()]+)[\"”'’)]\s+")
_GLUED_INITIAL = re.compile(r"\b([^\W\d_])\.(?=[^\W\d_]{2,})")
# Ranks stand behind the name too (Alan, Earl of Richmond); `Sir` and these before one word leave a given name.
_RANKS = frozenset({"lord", "lady", "earl", "duke", "duchess", "baron", "baroness", "baronet", "count", "countess",
                    "viscount", "viscountess", "marquess", "prince", "princess"})  # fmt: skip
_BEFORE_GIVEN = frozenset(
    {"sir", "dame", "father", "brother", "sister", "saint", "don", "dona", "king", "queen", *_RANKS}
)
_ORDINAL = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th)")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(slots=True)
class Parts:
    """The parts found so far; filled by the readers below."""

    title: str | None = None
    given: str | None = None
    middle: str | None = None
    family: str | None = None
    generation: str | None = None
    company: str | None = None
    honours: list[str] = field(default_factory=list)

    def add_suffix(self, word: str) -> None:
        """File one word from behind a name: a generation, or an honour."""
        key = name_key(word) or ""
        if key in GENERATIONS or word in {"V", "I"}:
            self.generation = self.generation or GENERATIONS.get(key, word)
        elif key:
            shown = SUFFIXES.get(key, word)
            if shown not in self.honours:
                self.honours.append(shown)

    def add_title(self, word: str) -> None:
        """File one word from before a name."""
        shown = TITLES[name_key(word) or ""]
        self.title = shown if self.title is None else self.title if shown in self.title else f"{self.title} {shown}"


def words_of(text: str) -> list[str]:
    """Part a text into words that hold a letter or a digit."""
    return [word for word in text.split() if any(map(str.isalnum, word))]


def without_marks(text: str) -> str:
    """Take off marks that people put at a name (`Boyle*`), remarks in brackets, and a nickname in quotes."""
    text = _QUOTED.sub(" ", text)
    bare = _PARENTHESES.sub(" ", text).strip()
    return " ".join((bare or text).strip(_MARKS).strip("()[]{}").split())


def _is_title(word: str, following: int) -> bool:
    """A title before `following` more words; `Earl` or `Prince` before one word only is a given name."""
    key = name_key(word) or ""
    return key in TITLES and (following >= 2 or (following == 1 and key not in TITLES_THAT_ARE_NAMES))


def _take_titles(parts: Parts, words: list[str]) -> list[str]:
    while len(words) > 1 and _is_title(words[0], len(words) - 1):
        parts.add_title(words[0])
        words = words[1:]
    return words


def _take_suffixes(parts: Parts, words: list[str], keep: int) -> list[str]:
    """Move suffixes from the end; short honours (MA, DO) are surnames too and need capitals and a full name before."""
    while len(words) > keep:
        key = name_key(words[-1]) or ""
        roman = words[-1] == "V" and len(words) > 2
        risky = len(key) <= 2 and key not in GENERATIONS and not (words[-1].isupper() and len(words) > 2)
        if not roman and (key not in SUFFIXES or risky):
            break
        parts.add_suffix(words[-1])
        words = words[:-1]
    parts.honours.reverse()
    return words


def _is_suffix_tail(words: list[str]) -> bool:
    keys = [name_key(word) or "" for word in words]
    if keys[0] in _RANKS or keys[0] == "of" or _ORDINAL.fullmatch(keys[0]):
        return True
    return all(key in SUFFIXES for key in keys)


def read_full(parts: Parts, text: str) -> bool:
    """Read a whole name; tell whether it was written family name first."""
    pieces = [words_of(piece) for piece in _GLUED_INITIAL.sub(r"\1. ", text).split(",")]
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return False
    head, tails = pieces[0], pieces[1:]
    given_part: list[str] | None = None
    for tail in tails:
        if given_part is None and not parts.honours and not _is_suffix_tail(tail):
            given_part = tail
        elif _is_suffix_tail(tail) and (name_key(tail[0]) or "") in SUFFIXES and len(tail) <= 2:
            for word in tail:
                parts.add_suffix(word)
        else:
            parts.honours.append(" ".join(tail))
    if given_part is not None:
        head = _take_suffixes(parts, _take_titles(parts, head), keep=1)
        parts.family = " ".join(head)
        _given_and_middle(parts, _take_suffixes(parts, _take_titles(parts, given_part), keep=1))
        return True
    _read_words(parts, head)
    return False


def _read_words(parts: Parts, words: list[str]) -> None:
    words = _take_suffixes(parts, _take_titles(parts, words), keep=1)
    if len(words) == 1:
        if parts.title is None or any((name_key(part) or "") in _BEFORE_GIVEN for part in parts.title.split()):
            parts.given = words[0]
        else:
            parts.family = words[0]
        return
    if len(words) == 2 and all(_EAST_ASIAN.search(word) for word in words):
        parts.family, parts.given = words
        return
    start = len(words) - 1
    for index in range(1, len(words) - 1):
        if (name_key(words[index]) or "") in PARTICLES:
            start = index
            break
    _given_and_middle(parts, words[:start])
    parts.family = " ".join(words[start:])


def _given_and_middle(parts: Parts, words: list[str]) -> None:
    parts.given = words[0]
    if len(words) > 1:
        parts.middle = " ".join([*words[1:], *([parts.middle] if parts.middle else [])])


def read_given(parts: Parts, text: str, family: str | None) -> None:
    """Read the given-name column: titles before, initials and a repeated family name behind."""
    words = words_of(_GLUED_INITIAL.sub(r"\1. ", text).replace(",", " "))
    if not words:
        return
    words = _take_titles(parts, words)
    if len(words) == 1 and family is not None and _title_in_place_of_name(words[0]):
        parts.add_title(words[0])
        return
    words = _take_suffixes(parts, words, keep=1)
    family_words = (name_key(family) or "").split() if family else []
    size = len(family_words)
    if size and len(words) > size and [name_key(word) for word in words[-size:]] == family_words:
        words = words[:-size]
    cut = len(words)
    while cut > 1 and len(words[cut - 1].rstrip(".")) == 1 and words[cut - 1][0].isascii():
        cut -= 1
    parts.given = " ".join(words[:cut])
    if words[cut:]:
        parts.middle = " ".join([*words[cut:], *([parts.middle] if parts.middle else [])])


def _title_in_place_of_name(word: str) -> bool:
    key = name_key(word) or ""
    return key in TITLES and key not in TITLES_THAT_ARE_NAMES and len(key) > 1


def read_family(parts: Parts, text: str) -> None:
    """Read the family-name column: suffixes behind it, a given name after a comma."""
    head, _, tail = text.partition(",")
    words = words_of(head)
    if not words:
        words, tail = words_of(tail.replace(",", " ")), ""
    if not words:
        return
    tail_words = words_of(tail.replace(",", " "))
    if tail_words and _is_suffix_tail(tail_words):
        for word in tail_words:
            parts.add_suffix(word)
    elif tail_words:
        words = [*words, *tail_words]
    parts.family = " ".join(_take_suffixes(parts, words, keep=1))
