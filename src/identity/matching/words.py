"""Distinct texts of a field with what the comparisons ask of them, each worked out once."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from identity.standard.nicknames import known_given_names, nickname_group

CHUNK = 100_000
"""Texts whose characters are counted at once."""
MANY = 50
"""All texts are unpacked as soon as one in so many is asked for at once."""
CLASSES = 32
"""Classes of characters that are counted apart, twice each: 64 bits."""


class Words:
    """The texts of a field by code."""

    def __init__(self, texts: Sequence[str] | pa.StringArray) -> None:
        self.array = texts if isinstance(texts, pa.StringArray) else pa.array(texts, pa.string())

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __getitem__(self, code: int) -> str:
        return self.texts[code]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All texts in order of their codes."""
        return tuple(self.array.to_pylist())

    @cached_property
    def _objects(self) -> NDArray[np.object_]:
        return np.array(self.texts, dtype=object)

    def take(self, codes: NDArray[np.int32]) -> list[str]:
        """The texts of some codes."""
        if "texts" not in self.__dict__ and len(codes) * MANY < len(self):
            return list(self.array.take(pa.array(codes)).to_pylist())
        found: list[str] = self._objects[codes].tolist()
        return found

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """Characters of each text."""
        return np.asarray(pc.utf8_length(self.array).to_numpy(zero_copy_only=False), dtype=np.int32)

    @cached_property
    def initials(self) -> NDArray[np.int32]:
        """First character of each text, by its number."""
        first = pc.utf8_slice_codeunits(self.array, 0, 1).dictionary_encode()
        numbers = np.array([ord(text) if text else 0 for text in first.dictionary.to_pylist()], dtype=np.int32)
        return numbers[first.indices.to_numpy(zero_copy_only=False)] if len(numbers) else np.zeros(0, np.int32)

    @cached_property
    def is_compound(self) -> NDArray[np.bool_]:
        """Texts of several words."""
        return _flags(pc.match_substring(self.array, " "))

    @cached_property
    def is_latin(self) -> NDArray[np.bool_]:
        """Texts in Latin letters: folding leaves none but ASCII."""
        return np.fromiter(map(str.isascii, self.texts), np.bool_, len(self.texts))

    @cached_property
    def is_number(self) -> NDArray[np.bool_]:
        """Texts of digits only."""
        return _flags(pc.utf8_is_decimal(self.array))

    @cached_property
    def is_given_name(self) -> NDArray[np.bool_]:
        """Texts in the list of given names."""
        return _flags(pc.is_in(self.array, pa.array(sorted(known_given_names()), pa.string())))

    @cached_property
    def nickname_pairs(self) -> NDArray[np.int64]:
        """Sorted keys `low code * size + high code` of the pairs that are forms of one name."""
        groups: dict[int, list[int]] = {}
        for code in np.flatnonzero(self.is_given_name).tolist():
            for group in nickname_group(self.texts[code]):
                groups.setdefault(group, []).append(code)
        keys = {low * len(self) + high for codes in groups.values() for low, high in combinations(codes, 2)}
        return np.array(sorted(keys), dtype=np.int64)

    @cached_property
    def locals(self) -> "Words":
        """The parts before the @ of e-mail addresses."""
        return Words(pc.replace_substring_regex(self.array, "(?s)@.*", ""))

    @cached_property
    def word_sets(self) -> list[frozenset[str]]:
        """Words of five letters or more of each text, but for the last word (of a street: its kind)."""
        return [frozenset(word for word in text.split()[:-1] if len(word) >= 5) for text in self.texts]

    @cached_property
    def word_masks(self) -> NDArray[np.uint64]:
        """A bit for every word of `word_sets`: texts that share a word share a bit."""
        return self._masks(5, with_last=False)

    @cached_property
    def part_masks(self) -> NDArray[np.uint64]:
        """A bit for every word of two letters or more."""
        return self._masks(2, with_last=True)

    @cached_property
    def letters(self) -> NDArray[np.int32]:
        """Characters of each text but for spaces."""
        return self.lengths - np.asarray(pc.count_substring(self.array, " ").to_numpy(zero_copy_only=False), np.int32)

    def _masks(self, least: int, *, with_last: bool) -> NDArray[np.uint64]:
        split = pc.split_pattern(self.array, " ")
        words, text = split.flatten(), pc.list_parent_indices(split).to_numpy(zero_copy_only=False)
        held = pc.utf8_length(words).to_numpy(zero_copy_only=False) >= least
        if not with_last and len(text):
            held &= ~np.r_[text[1:] != text[:-1], True]
        rows = np.flatnonzero(held)
        codes = words.take(pa.array(rows)).dictionary_encode().indices.to_numpy(zero_copy_only=False)
        masks = np.zeros(len(self), dtype=np.uint64)
        np.bitwise_or.at(masks, text[rows], np.uint64(1) << (codes.astype(np.uint64) % np.uint64(64)))
        return masks

    @cached_property
    def is_ascii(self) -> NDArray[np.bool_]:
        """Texts of ASCII characters only."""
        return _flags(pc.string_is_ascii(self.array))

    @cached_property
    def all_ascii(self) -> bool:
        """Whether all texts are."""
        return bool(self.is_ascii.all())

    @property
    def characters(self) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Which characters each text has, two bits per class (there, there twice); and how many beyond that.

        `bit_count(a & b) + min(beyond a, beyond b)` is at least the number of characters (with repeats) that two ASCII
        texts have in common.
        """
        parts = [self._counted(first) for first in range(0, len(self), CHUNK)]
        masks = [np.zeros(0, np.uint64), *(part[0] for part in parts)]
        return np.concatenate(masks), np.concatenate([np.zeros(0, np.int32), *(part[1] for part in parts)])

    @cached_property
    def outlines(self) -> NDArray[np.void]:
        """`characters`, length and initial of each text side by side."""
        found = np.empty(len(self), dtype=_OUTLINE)
        found["characters"], found["beyond"] = self.characters
        found["length"], found["initial"] = self.lengths, self.initials
        return found

    def _counted(self, first: int) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        offsets, data = text_bytes(self.array.slice(first, CHUNK))
        lengths = np.diff(offsets)
        # the longest first: those that still have a character at a place stand in front
        order = np.argsort(-lengths, kind="stable")
        starts = offsets[:-1][order]
        longer = len(lengths) - np.cumsum(np.bincount(lengths))
        once, twice = np.zeros((2, len(lengths)), dtype=np.uint64)
        beyond = np.zeros(len(lengths), dtype=np.int32)
        for place, count in enumerate(longer[:-1].tolist()):
            bit = _BIT[data[starts[:count] + place]]
            beyond[:count] += (twice[:count] & bit) != 0
            twice[:count] |= once[:count] & bit
            once[:count] |= bit
        masks, rest = np.empty_like(once), np.empty_like(beyond)
        masks[order], rest[order] = once | (twice << np.uint64(1)), beyond
        return masks, rest


def _classes() -> NDArray[np.intp]:
    """Digits apart, letters nearly apart: the rare share a class."""
    found = np.full(256, CLASSES - 1, dtype=np.intp)
    for number, character in enumerate("0123456789"):
        found[ord(character)] = number
    for number, character in enumerate("aeinorstlmhcdgubykpfv"):
        found[ord(character)] = 10 + number
    return found


_OUTLINE = np.dtype(
    {
        "names": ["characters", "beyond", "length", "initial"],
        "formats": [np.uint64, np.int32, np.int32, np.int32],
        "itemsize": 32,  # a size that NumPy takes whole
    }
)
_BIT = np.uint64(1) << (np.uint64(2) * _classes().astype(np.uint64))
"""The bit of "there" for each byte; that of "there twice" is the next."""


def text_bytes(array: pa.StringArray) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """(where each text begins and the last ends, all bytes) of a string array."""
    _, offsets, data = array.buffers()
    places = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1].astype(np.int64)
    whole = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return places - places[0], whole[places[0] : places[-1]]


def _flags(found: pa.BooleanArray) -> NDArray[np.bool_]:
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
