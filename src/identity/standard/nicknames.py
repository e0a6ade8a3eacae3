"""Which given names people use for each other, and how a name sounds."""

from functools import lru_cache

from identity.standard.scripts import transcribed
from identity.standard.tables_of_words import rows
from identity.standard.text import fold

_NO_GROUP: frozenset[int] = frozenset()


@lru_cache(maxsize=1)
def _groups() -> dict[str, frozenset[int]]:
    """Group numbers (position in the list) by folded name."""
    found: dict[str, set[int]] = {}
    for number, row in enumerate(rows("nicknames")):
        for name in row["names"].split():
            found.setdefault(fold(name), set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


def nickname_group(given_key: str) -> frozenset[int]:
    """Return the numbers of the nickname groups a folded given name belongs to; empty for a name in none.

    Two names may be forms of one when their sets meet: bob, rob, bobby and robert share a group; `alex`, `sam` and
    `chris` belong to several. The relation is not transitive. Numbers hold for one version of the list only.
    """
    return _groups().get(given_key, _NO_GROUP)


def same_person_names(one: str, other: str) -> bool:
    """Tell whether two folded given names are equal or forms of one name."""
    return one == other or not nickname_group(one).isdisjoint(nickname_group(other))


def is_known_given_name(key: str) -> bool:
    """Tell whether a folded name stands in the list of given names and their short forms."""
    return key in _groups()


def known_given_names() -> frozenset[str]:
    """All folded names in the list of given names and their short forms."""
    return frozenset(_groups())


@lru_cache(maxsize=200_000)
def phonetic_key(key: str) -> str:
    """Return how a folded name sounds (Lawrence Philips' Metaphone), Cyrillic and Greek as they are transcribed.

    A name of a script without transcription is its own key.
    """
    import jellyfish

    joined = key.replace(" ", "")
    latin = transcribed(joined)
    if latin is None:
        return joined
    joined = latin
    return str(jellyfish.metaphone(joined)) or joined
