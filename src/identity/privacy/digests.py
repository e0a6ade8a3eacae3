"""Keyed digests that stand for keys and values of people: HMAC-SHA-256 under the store's secret, 32 hex digits.

A digest of one kind never equals one of another kind, since the kind is part of what is hashed; so a customer id
`123` and a loyalty id `123` stay apart.
"""

import re

from identity.runs.keyed import keyed_hash

_STANDS_IN = re.compile(r"erased-[0-9a-f]{16}")


def digest(secret: bytes, kind: str, *parts: str) -> str:
    """The digest of a key of some kind: `record` of source and key, `order` likewise, an id type of its match key."""
    return keyed_hash(secret, "\x1f".join((kind, *parts)), 32)


def value_digest(secret: bytes, match_key: str) -> str:
    """The digest of an identifier as `std.identifier.id_value_hash` publishes it."""
    return keyed_hash(secret, match_key, 32)


def order_token(secret: bytes, order_id: str) -> str:
    """What stands in place of the number of an order whose person was erased: the same for equal numbers.

    What stands there already stays, so that an erasure that is carried on ends like one that was not stopped.
    """
    if _STANDS_IN.fullmatch(order_id):
        return order_id
    return f"erased-{digest(secret, 'order', order_id)[:16]}"
