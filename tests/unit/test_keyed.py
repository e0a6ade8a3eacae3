"""Keyed hashes of many texts are those of each text."""

import hmac

import pytest

from identity.runs.keyed import keyed_digests, keyed_hash, keyed_hashes

TEXTS = ["", "ann@example.com", "Łódź", "x" * 1000]


@pytest.mark.parametrize("size", [0, 1, 32, 63, 64, 65, 200])
def test_many_hashes_are_those_of_each_text_whatever_the_length_of_the_key(size: int) -> None:
    secret = bytes(place * 37 % 256 for place in range(size))
    assert keyed_hashes(secret, TEXTS, 32) == [keyed_hash(secret, text, 32) for text in TEXTS]
    assert list(keyed_digests(secret, TEXTS)) == [hmac.digest(secret, text.encode(), "sha256") for text in TEXTS]
