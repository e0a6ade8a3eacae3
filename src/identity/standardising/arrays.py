"""Columns as Arrow arrays, parsed once per distinct value and joined back to their rows."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Texts = list[str | None]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]

SEPARATOR = "\x1f"


def whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    if isinstance(values, pa.Array):
        return values
    if values.num_chunks == 1:
        return values.chunk(0)
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)


def parsed(values: pa.Array | pa.ChunkedArray, parse: Callable[[Texts], pa.Table]) -> pa.Table:
    """One parsed row per row: `parse` sees each distinct text once; null rows stay null."""
    encoded = whole(values).dictionary_encode()
    return parse(encoded.dictionary.to_pylist()).take(encoded.indices)


def tuples(columns: Sequence[pa.Array | pa.ChunkedArray]) -> tuple[list[Texts], pa.Array]:
    """Distinct tuples of parallel text columns, as one list per column, and the tuple's number row by row.

    A row in which every column is null has the number null.
    """
    encoded = [whole(column).dictionary_encode() for column in columns]
    if len(encoded) == 1:
        return [encoded[0].dictionary.to_pylist()], encoded[0].indices
    numbers = [np.asarray(pc.fill_null(each.indices, -1).to_numpy(), dtype=np.int64) for each in encoded]
    joined = numbers[0] + 1
    for number, each in zip(numbers[1:], encoded[1:], strict=True):
        # dense again after every column, so that the product of the sizes cannot overflow
        joined = pd.factorize(joined * (len(each.dictionary) + 1) + number + 1)[0]
    nothing = np.logical_and.reduce([number < 0 for number in numbers])
    codes_of_tuples, first = np.unique(joined[~nothing], return_index=True)
    places = np.nonzero(~nothing)[0][first]
    dense = np.full(int(joined.max(initial=0)) + 1, -1, dtype=np.int64)
    dense[codes_of_tuples] = np.arange(len(codes_of_tuples))
    indices = pa.array(dense[joined], mask=nothing) if len(joined) else pa.array([], pa.int64())
    values = [
        each.dictionary.take(pa.array(number[places], mask=number[places] < 0)).to_pylist()
        for number, each in zip(numbers, encoded, strict=True)
    ]
    return values, indices


def mask(values: pa.Array | pa.ChunkedArray) -> Mask:
    """A boolean column as NumPy; null is false."""
    return np.asarray(pc.fill_null(whole(values), False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def codes(values: pa.Array | pa.ChunkedArray) -> Numbers:
    """Numbers of the distinct values in order of appearance; -1 for null."""
    return np.asarray(pc.fill_null(whole(values).dictionary_encode().indices, -1).to_numpy(), dtype=np.int64)


def spaced(parts: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Array:
    """Texts joined by single spaces, row by row; null where every part is null.

    (Arrow 26 drops rows without any part when told to skip nulls, so they are replaced instead.)
    """
    texts = [whole(part) for part in parts]
    joined = pc.binary_join_element_wise(*texts, " ", null_handling="replace", null_replacement="")
    tidy = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, " +", " "))
    return pc.if_else(pc.equal(tidy, ""), pa.scalar(None, pa.string()), tidy)


def nulls(rows: int, kind: pa.DataType | None = None) -> pa.Array:
    """A column without values."""
    return pa.nulls(rows, kind or pa.string())


def flag_lists(flags: Iterable[tuple[str, Mask]], rows: int) -> pa.Array:
    """One sorted list of flag names per row, from a mask per flag (several masks of one name count as one)."""
    united: dict[str, Mask] = {}
    for name, raised in flags:
        united[name] = united[name] | raised if name in united else raised
    names = sorted(name for name in united if united[name].any())
    if not names:
        return pa.array([[]] * rows, pa.list_(pa.string()))
    matrix = np.column_stack([united[name] for name in names])
    offsets = np.concatenate([[0], np.cumsum(matrix.sum(axis=1))]).astype(np.int32)
    chosen = np.nonzero(matrix)[1].astype(np.int32)
    values = pa.array(names).take(pa.array(chosen))
    return pa.ListArray.from_arrays(pa.array(offsets), values)
