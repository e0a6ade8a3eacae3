"""Groups of equal keys, by sorting: key and place in one integer sort several times as fast as an order of keys."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


def groups(keys: Longs) -> tuple[Ints, Ints]:
    """(number of the group of equal keys each entry belongs to, size of each group)."""
    if not len(keys):
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    order = _by_key(keys)
    values = keys[order]
    starts = np.empty(len(values), dtype=bool)
    starts[0] = True
    np.not_equal(values[1:], values[:-1], out=starts[1:])
    number = np.empty(len(keys), dtype=np.int32)
    number[order] = np.cumsum(starts, dtype=np.int32) - 1
    return number, np.diff(np.flatnonzero(np.r_[starts, True])).astype(np.int32)


def _by_key(keys: Longs) -> Longs:
    """Order of non-negative keys.

    Key and place in one integer sort several times as fast as an order of the keys. A key too long for that loses its
    last bits; where two keys then look equal that are not (practically never), the keys themselves are ordered.
    """
    bits = max(len(keys) - 1, 1).bit_length()
    lost = max(int(keys.max()).bit_length() + bits - 63, 0)
    packed = (keys >> lost) << bits
    packed |= np.arange(len(keys))
    packed.sort()
    order = packed & ((1 << bits) - 1)
    if lost:
        values = keys[order]
        packed >>= bits
        if bool(((packed[1:] == packed[:-1]) & (values[1:] != values[:-1])).any()):
            return np.argsort(keys)
    return np.asarray(order)
