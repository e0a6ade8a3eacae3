"""Similarities of two texts as DuckDB computes them, called only where a bound cannot tell.

DuckDB compares the bytes of the texts, and takes two empty texts for unlike in Jaro's measures; rapidfuzz on bytes
gives the same numbers otherwise. Bounds: letters that one text has and the other lacks cannot be matched, and an edit
spoils at most two neighbouring pairs of letters (three where it swaps two).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rapidfuzz.distance import DamerauLevenshtein, Jaro, Levenshtein
from rapidfuzz.process import cpdist

from identity.matching.records import Bools, Ints
from identity.matching.splink_columns import Doubles, Masks
from identity.matching.splink_tree import Function

UNKNOWN = -1.0
"""Not computed yet."""
PREFIX_WEIGHT = 0.1
PREFIX = 4
WINKLER_FROM = 0.7
ROUNDING = 1e-9
MIX = np.uint64(0x9E3779B97F4A7C15)
_SCORERS: dict[Function, Any] = {
    "jaro_winkler": Jaro.similarity,
    "jaro": Jaro.similarity,
    "levenshtein": Levenshtein.distance,
    "damerau_levenshtein": DamerauLevenshtein.distance,
}
FAR = 1e6
"""Stands for a distance beyond every threshold."""


def _bits() -> Masks:
    """A bit for each byte: letters and digits have their own, all others but the space share one."""
    slots = np.full(256, 63, np.uint64)
    for at, first, count in ((0, "a", 26), (26, "A", 26), (52, "0", 10)):
        slots[ord(first) : ord(first) + count] = np.arange(at, at + count, dtype=np.uint64)
    slots[ord(" ")] = 62
    return np.left_shift(np.uint64(1), slots)


def _pair_bits() -> Masks:
    """A bit for each pair of bytes, by a hash: two pairs that share a bit only make the bound weaker."""
    slots: Masks = (np.arange(2**16, dtype=np.uint64) * MIX) >> np.uint64(58)
    return np.asarray(np.left_shift(np.uint64(1), slots), dtype=np.uint64)


_BITS, _PAIR_BITS = _bits(), _pair_bits()


@dataclass(frozen=True)
class Texts:
    """Distinct texts as bytes, with what the bounds need of each: length, letters, pairs of letters, beginning.

    Pairs of letters are there for distances only, the beginning for similarities only (else empty).
    """

    values: pa.Array
    lengths: Ints
    letters: Masks
    bigrams: Masks
    start: NDArray[np.uint32]


def texts_of(values: pa.Array, *, distance: bool, similarity: bool) -> Texts:
    """The texts of a vocabulary, ready for distances, similarities or both."""
    binary = values.cast(pa.large_string()).cast(pa.large_binary())
    _, offsets_buffer, data_buffer = binary.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[binary.offset : binary.offset + len(binary) + 1]
    data = np.frombuffer(data_buffer, np.uint8) if data_buffer is not None else np.zeros(0, np.uint8)
    data = data[offsets[0] : offsets[-1]] if len(offsets) else data
    offsets = offsets - offsets[0] if len(offsets) else np.zeros(1, np.int64)
    return Texts(
        binary,
        np.diff(offsets).astype(np.int32),
        _either(_BITS[data], offsets),
        _either(_bigrams(data, offsets), offsets) if distance else np.zeros(0, np.uint64),
        _beginnings(data, offsets) if similarity else np.zeros(0, np.uint32),
    )


def _bigrams(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Masks:
    """A bit for each byte and its successor in the same text, 0 at the end of a text."""
    pairs = np.zeros(len(data), np.uint16)
    pairs[:-1] = (data[:-1].astype(np.uint16) << np.uint16(8)) | data[1:]
    bits = _PAIR_BITS[pairs]
    bits[offsets[1:][offsets[1:] > offsets[:-1]] - 1] = 0
    return bits


def _beginnings(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The first four bytes of each text, zeros behind its end."""
    padded = np.append(data, np.zeros(PREFIX, np.uint8)).astype(np.uint32)
    lengths = np.diff(offsets)
    start = np.zeros(len(lengths), np.uint32)
    for at in range(PREFIX):
        start |= np.where(lengths > at, padded[offsets[:-1] + at], np.uint32(0)) << np.uint32(8 * at)
    return start


def _either(bits: Masks, offsets: NDArray[np.int64]) -> Masks:
    """`or` of the bits of each text."""
    found = np.zeros(len(offsets) - 1, np.uint64)
    filled = offsets[1:] > offsets[:-1]
    if filled.any():
        found[filled] = np.bitwise_or.reduceat(bits[: offsets[-1]], offsets[:-1][filled])
    return found


def hopeless(function: Function, one: Texts, other: Texts, left: Ints, right: Ints, worst: float) -> Bools:
    """Pairs of values that cannot reach `worst`: a similarity is below it, a distance above it."""
    a, b = one.letters[left], other.letters[right]
    lacks = np.bitwise_count(a & ~b).astype(np.int32), np.bitwise_count(b & ~a).astype(np.int32)
    la, lb = one.lengths[left], other.lengths[right]
    if function in ("jaro", "jaro_winkler"):
        matched = np.minimum(la - lacks[0], lb - lacks[1]).astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            best = (matched / la + matched / lb + 1) / 3
        best = np.where(matched > 0, best, 0)
        if function == "jaro_winkler":
            best = _winkler(best, one, other, left, right)
        return np.asarray(best + ROUNDING < worst)
    a, b = one.bigrams[left], other.bigrams[right]
    spoiled = np.maximum(np.bitwise_count(a & ~b), np.bitwise_count(b & ~a)).astype(np.int32)
    per_edit = 2 if function == "levenshtein" else 3
    least = np.maximum(np.abs(la - lb), np.maximum(*lacks))
    return np.asarray((least > worst) | (spoiled > per_edit * worst))


def _winkler(
    jaro: Doubles, one: Texts, other: Texts, left: Ints, right: Ints, number: type[np.floating] = np.float64
) -> Doubles:
    """Jaro-Winkler out of Jaro: a common beginning of up to four bytes counts.

    DuckDB multiplies and adds with one rounding: computed in the wider type (`number`) the result is its very number,
    which decides at thresholds.
    """
    apart = one.start[left] ^ other.start[right]
    same = sum(((apart & np.uint32(mask)) == 0).astype(np.int8) for mask in (0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF))
    same = np.minimum(same, np.minimum(one.lengths[left], other.lengths[right]))
    share = (same * PREFIX_WEIGHT).astype(number)
    return np.where(jaro > WINKLER_FROM, (share * (1 - jaro) + jaro).astype(np.float64), jaro)


def similarities(function: Function, one: Texts, other: Texts, left: Ints, right: Ints, worst: float | None) -> Doubles:
    """The measure of each pair of values (codes, none missing), computed once per distinct pair.

    Pairs beyond `worst`, the least useful measure, may get 0 (a similarity) or FAR (a distance) instead.
    """
    out = np.full(len(left), 0.0 if function in ("jaro", "jaro_winkler") else FAR)
    todo = np.arange(len(left))
    if worst is not None:
        todo = np.flatnonzero(~hopeless(function, one, other, left, right, worst))
    if not len(todo):
        return out
    keys = left[todo].astype(np.int64) * len(other.lengths) + right[todo]
    distinct, place = np.unique(keys, return_inverse=True)
    codes_left, codes_right = np.divmod(distinct, len(other.lengths))
    words = [_bytes(texts, codes) for texts, codes in ((one, codes_left), (other, codes_right))]
    measured = cpdist(*words, scorer=_SCORERS[function], dtype=np.float64, workers=1)
    if function in ("jaro", "jaro_winkler"):
        measured[(one.lengths[codes_left] == 0) & (other.lengths[codes_right] == 0)] = 0
    if function == "jaro_winkler":
        measured = _winkler(measured, one, other, codes_left, codes_right, np.longdouble)
    out[todo] = measured[place]
    return out


def _bytes(texts: Texts, codes: NDArray[np.int64]) -> "NDArray[np.object_]":
    taken = texts.values.take(pa.array(codes))
    return np.asarray(taken.to_numpy(zero_copy_only=False), dtype=object)
