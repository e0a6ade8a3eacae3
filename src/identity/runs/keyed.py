"""Keyed hashes, for what must be recognised again and not be read: personal values, keys, entries of a log."""

import hmac


def keyed_hash(secret: bytes, text: str, length: int = 64) -> str:
    """The first `length` hex digits of HMAC-SHA-256 of a text as UTF-8."""
    return hmac.digest(secret, text.encode(), "sha256").hex()[:length]
