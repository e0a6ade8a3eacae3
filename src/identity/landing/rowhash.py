"""The hash of a row's content: equal for equal content, whatever file, place and column order it came in.

The first 128 bits of SHA-256 over the keys of the filled columns, in order, and their values. An empty value
counts like an absent column, so that a new column which nobody filled changes no hash.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from identity.sources.base import column_key

_END, _ESCAPE = "\x1e", "\x1a"


def row_hashes(columns: pa.Table) -> pa.Array:
    """One hash of 32 hex digits per row of the delivered columns (all text)."""
    rows = columns.num_rows
    order = sorted(columns.column_names, key=column_key)
    filled = [name for name in order if columns.column(name).null_count < rows]
    if not rows:
        return pa.array([], pa.string())
    if not filled:
        return pa.array([_digest(hashlib.sha256(), b"")] * rows, pa.string())
    values = [_escaped(columns.column(name)) for name in filled]
    # The leading "" keeps rows without a value: pyarrow 26 drops a row whose values are all skipped.
    joined = pc.binary_join_element_wise("", *values, _END, null_handling="skip")
    texts = joined.cast(pa.binary()).to_pylist()
    heads, which = _patterns(values, [column_key(name) for name in filled])
    # the keys of a wide export are longer than its values: they are taken in once per pattern, not once per row
    states = [hashlib.sha256(head) for head in heads]
    digests = [_digest(states[pattern], text) for pattern, text in zip(which.tolist(), texts, strict=True)]
    return pa.array(digests, pa.string())


def _patterns(values: list[pa.ChunkedArray], keys: list[str]) -> tuple[list[bytes], npt.NDArray[np.int64]]:
    """The keys of filled columns as text, one per pattern that occurs, and which pattern each row has."""
    masks = np.stack([column.is_valid().to_numpy() for column in values], axis=1)
    packed = np.packbits(masks, axis=1)
    patterns, first, which = np.unique(
        packed.view(np.dtype((np.void, packed.shape[1]))).ravel(), return_index=True, return_inverse=True
    )
    del patterns
    heads = [
        _END.join(key for key, there in zip(keys, masks[row].tolist(), strict=True) if there).encode() + b"\n"
        for row in first.tolist()
    ]
    return heads, which


def _escaped(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values in which our separator cannot occur, so that no content imitates another."""
    if any(_holds_separators(chunk) for chunk in values.chunks):
        for char, code in ((_ESCAPE, "0"), (_END, "1")):
            values = pc.replace_substring(values, char, _ESCAPE + code)
    return values


def _holds_separators(chunk: pa.Array) -> bool:
    data = chunk.buffers()[2]
    if data is None:
        return False
    seen = np.frombuffer(data, np.uint8)
    return bool(((seen == 0x1E) | (seen == 0x1A)).any())


def _digest(head: "hashlib._Hash", text: bytes) -> str:
    whole = head.copy()
    whole.update(text)
    return whole.hexdigest()[:32]
