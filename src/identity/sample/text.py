"""Small vocabulary over Arrow strings and seeded randomness; a missing value is the empty string."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Text = Any  # pyarrow.StringArray: pyarrow ships no usable types for its compute results
Ints = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]


def stream(seed: int, name: str) -> np.random.Generator:
    """A generator of its own per topic, so that a change in one system leaves the others' bytes alone."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def chance(rng: np.random.Generator, size: int, probability: float | npt.NDArray[np.float64]) -> Mask:
    """A mask of `size`, true with the given probability (one, or one per element)."""
    return np.asarray(rng.random(size) < probability)


def texts(values: Iterable[str]) -> Text:
    """Python strings as an Arrow array."""
    return pa.array(list(values), pa.string())


def pick(pool: Text, index: Ints) -> Text:
    """`pool[index]`."""
    return pool.take(pa.array(index))


def choose(rng: np.random.Generator, size: int, values: Sequence[str], weights: Sequence[float] | None = None) -> Text:
    """`size` draws from a short list of words, with relative weights."""
    share = None if weights is None else np.asarray(weights, dtype=float) / float(sum(weights))
    return pick(texts(values), rng.choice(len(values), size=size, p=share))


def glue(*parts: Text | str) -> Text:
    """The parts joined without separator, element by element."""
    return pc.binary_join_element_wise(*[pa.scalar(p) if isinstance(p, str) else p for p in parts], "")


def where(mask: Mask, yes: Text | str, no: Text | str) -> Text:
    """`yes` where the mask holds, else `no`."""
    return pc.if_else(pa.array(mask), yes, no)


def keep(mask: Mask, values: Text) -> Text:
    """The value where the mask holds, else empty."""
    return pc.if_else(pa.array(mask), values, "")


def filled(values: Text) -> Mask:
    """True where the text is not empty."""
    return np.asarray(pc.not_equal(values, ""))


def digits(values: Ints, width: int = 0) -> Text:
    """Whole numbers as text, zero-padded to `width`."""
    plain = pc.cast(pa.array(values), pa.string())
    return pc.utf8_lpad(plain, width, "0") if width else plain


def cents(values: Ints) -> Text:
    """Whole cents (not negative) as plain decimals, `1240.00`."""
    return glue(digits(values // 100), ".", digits(values % 100, 2))


def dollars(values: Ints) -> Text:
    """Whole cents as a till writes them: `$1,240.00`, `-$3.00`."""
    size = np.abs(values)
    thousands, rest = size // 100_000, size // 100 % 1000
    whole = where(thousands > 0, glue(digits(thousands), ",", digits(rest, 3)), digits(rest))
    return glue(where(values < 0, "-$", "$"), whole, ".", digits(size % 100, 2))


def moment(times: Times, pattern: str = "%Y-%m-%d %H:%M:%S") -> Text:
    """Times as text; a missing time is empty."""
    return pc.fill_null(pc.strftime(pa.array(times.astype("datetime64[s]")), pattern), "")


def blank(size: int) -> Text:
    """`size` empty strings."""
    return pa.repeat(pa.scalar(""), size)


def scatter(size: int, pieces: Sequence[tuple[Ints, Text]]) -> Text:
    """Put each piece's values at its positions; positions named by no piece are empty."""
    pieces = [(index, values) for index, values in pieces if len(index)]
    if not pieces:
        return blank(size)
    source = np.full(size, -1, dtype=np.int64)
    start = 0
    for index, values in pieces:
        source[index] = np.arange(start, start + len(values))
        start += len(values)
    joined = pa.concat_arrays([v.combine_chunks() if isinstance(v, pa.ChunkedArray) else v for _, v in pieces])
    return pc.fill_null(joined.take(pa.array(source, mask=source < 0)), "")


def code(values: Ints, alphabet: str, width: int) -> Text:
    """Whole numbers written in the given alphabet with `width` characters (the lowest ones)."""
    letters = texts(alphabet)
    rest = np.asarray(values, dtype=np.int64)
    parts = []
    for _ in range(width):
        parts.append(pick(letters, rest % len(alphabet)))
        rest = rest // len(alphabet)
    return glue(*reversed(parts))


def scrambled(values: Ints, seed: int, bits: int = 40) -> npt.NDArray[np.int64]:
    """A one-to-one scrambling of numbers below 2**bits, so that ids look drawn and never repeat."""
    mask = np.uint64((1 << bits) - 1)
    mixed = (np.asarray(values, dtype=np.uint64) + np.uint64(0x5DEECE66D * (seed % 97 + 1) & int(mask))) & mask
    for round_ in range(3):
        odd = np.uint64((2654435761 * (2 * (seed % 9973) + 1) + 2 * round_ * 40503) | 1)
        with np.errstate(over="ignore"):
            mixed = (mixed * odd) & mask
        mixed ^= mixed >> np.uint64(bits // 2)
    return mixed.astype(np.int64)


def long_id(index: Ints, seed: int, width: int, alphabet: str) -> Text:
    """Distinct drawn-looking ids of `width` characters; the first eight already differ (index < 2**40)."""
    parts: list[Text] = []
    left = width
    while left > 0:
        part = min(left, 8)
        parts.append(code(scrambled(index, seed + len(parts)), alphabet, part))
        left -= part
    return glue(*parts)
