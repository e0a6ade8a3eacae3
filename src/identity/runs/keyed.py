"""Keyed hashes, for what must be recognised again and not be read: personal values, keys, entries of a log."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator

_BLOCK = 64
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


def keyed_hash(secret: bytes, text: str, length: int = 64) -> str:
    """The first `length` hex digits of HMAC-SHA-256 of a text as UTF-8."""
    return hmac.digest(secret, text.encode(), "sha256").hex()[:length]


def keyed_short_hashes(secret: bytes, texts: Iterable[str]) -> bytes:
    """Eight bytes for each of many texts: keyed BLAKE2b, which takes half the time of an HMAC."""
    key = secret[:64]
    return b"".join(hashlib.blake2b(text.encode(), digest_size=8, key=key).digest() for text in texts)


def keyed_hashes(secret: bytes, texts: Iterable[str], length: int = 64) -> list[str]:
    """`keyed_hash` of many texts."""
    return [digest.hex()[:length] for digest in keyed_digests(secret, texts)]


def keyed_digests(secret: bytes, texts: Iterable[str]) -> Iterator[bytes]:
    """HMAC-SHA-256 of many texts as UTF-8.

    As RFC 2104 defines it, from two states that hold the key already: `hmac.digest` looks up the algorithm and takes in
    the key again for every text, which is most of its time where texts are short.
    """
    key = (hashlib.sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    inner, outer = hashlib.sha256(key.translate(_INNER)), hashlib.sha256(key.translate(_OUTER))
    for text in texts:
        first, second = inner.copy(), outer.copy()
        first.update(text.encode())
        second.update(first.digest())
        yield second.digest()
