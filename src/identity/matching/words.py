"""Distinct texts of a field with what the comparisons ask of them, each worked out once."""

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from identity.standard.nicknames import is_known_given_name, nickname_group


class Words:
    """The texts of a field by code."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts = texts
        self._array = np.array(texts, dtype=object)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __getitem__(self, code: int) -> str:
        return self.texts[code]

    def take(self, codes: NDArray[np.int32]) -> list[str]:
        """The texts of some codes."""
        found: list[str] = self._array[codes].tolist()
        return found

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """Characters of each text."""
        return np.fromiter(map(len, self.texts), np.int32, len(self.texts))

    @cached_property
    def initials(self) -> NDArray[np.int32]:
        """First character of each text, by its number."""
        return np.fromiter((ord(text[0]) if text else 0 for text in self.texts), np.int32, len(self.texts))

    @cached_property
    def is_compound(self) -> NDArray[np.bool_]:
        """Texts of several words."""
        return np.fromiter((" " in text for text in self.texts), np.bool_, len(self.texts))

    @cached_property
    def is_number(self) -> NDArray[np.bool_]:
        """Texts of digits only."""
        return np.fromiter((text.isdecimal() for text in self.texts), np.bool_, len(self.texts))

    @cached_property
    def is_given_name(self) -> NDArray[np.bool_]:
        """Texts in the list of given names."""
        return np.fromiter(map(is_known_given_name, self.texts), np.bool_, len(self.texts))

    @cached_property
    def nickname_pairs(self) -> NDArray[np.int64]:
        """Sorted keys `low code * size + high code` of the pairs that are forms of one name."""
        groups: dict[int, list[int]] = {}
        for code, text in enumerate(self.texts):
            for group in nickname_group(text):
                groups.setdefault(group, []).append(code)
        keys = {low * len(self.texts) + high for codes in groups.values() for low, high in combinations(codes, 2)}
        return np.array(sorted(keys), dtype=np.int64)

    @cached_property
    def locals(self) -> "Words":
        """The parts before the @ of e-mail addresses."""
        return Words(tuple(text.partition("@")[0] for text in self.texts))

    @cached_property
    def word_sets(self) -> list[frozenset[str]]:
        """Words of five letters or more of each text, but for the last word (of a street: its kind)."""
        return [frozenset(word for word in text.split()[:-1] if len(word) >= 5) for text in self.texts]
