"""From delivered bytes to UTF-8 blocks, and the one full pass that counts, hashes and settles the encoding.

The order of exports.md, quirks 1-3: a byte-order mark; UTF-16 by its zero bytes; strict UTF-8; then what
the source or the configuration says; then Windows-1252, or ISO-8859-1 where a byte has no meaning there.
Text that is UTF-8 but for a few bytes stays UTF-8, so that one damaged byte does not garble every accent.
"""

import codecs
import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from identity.errors import ConfigurationError
from identity.landing.model import Refusal

BLOCK = 8 << 20
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNDEFINED_IN_1252 = bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D])
_LEADS = 0xC0
"""From this byte on, a byte of UTF-8 begins a character beyond ASCII."""
_WIDE = {"utf-16-le": 2, "utf-16-be": 2}


@dataclass(frozen=True)
class Survey:
    """What one pass over all bytes found: size, SHA-256, encoding, bytes of the mark, lines, damaged bytes."""

    size: int
    sha256: str
    encoding: str
    mark: int
    lines: int
    invalid: int = 0


def check_encodings(declared: Iterable[str | None]) -> None:
    """Raise ConfigurationError for an encoding that the configuration names and nobody knows."""
    for name in declared:
        try:
            codecs.lookup(name or "utf-8")
        except LookupError:
            raise ConfigurationError(f"encoding = {name!r} is unknown; write for example `cp1250`") from None


def survey(path: Path, declared: str | None = None) -> Survey:
    """Hash a text file, count its physical lines and settle its encoding.

    Raises Refusal for an empty file, UTF-32 and an encoding that cannot hold the text.
    """
    with path.open("rb") as stream:
        head = stream.read(4096)
    mark, encoding = marked(head)
    digest, size, lines = hashlib.sha256(), 0, LineCounter(_WIDE.get(encoding or "", 1), big=encoding == "utf-16-be")
    seen = Utf8Tally()
    unusual = False
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
            text = block[mark:] if size == len(block) else block
            lines.add(text)
            if encoding in {None, "utf-8"}:
                seen.add(text)
                unusual = unusual or not (text.isascii() or all(byte not in text for byte in _UNDEFINED_IN_1252))
    seen.add(b"", final=True)
    encoding = encoding or _settle(seen, declared, unusual=unusual)
    return Survey(size, digest.hexdigest(), encoding, mark, lines.count, seen.invalid if encoding == "utf-8" else 0)


def marked(head: bytes) -> tuple[int, str | None]:
    """Length of the byte-order mark and the encoding that the first bytes prove; None when they prove none."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            if encoding == "utf-32":
                raise Refusal("encoding", "UTF-32 text; export it as UTF-8")
            return len(mark), encoding
    if len(head) >= 4 and b"\0" in head:
        even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
        if odd > 0.4 and even < 0.1:
            return 0, "utf-16-le"
        if even > 0.4 and odd < 0.1:
            return 0, "utf-16-be"
    return 0, None


def blocks(path: Path, surveyed: Survey, size: int = BLOCK) -> Iterator[bytes]:
    """The text in blocks of UTF-8, without its mark; damaged bytes of a UTF-8 file stand as they are.

    Raises Refusal where UTF-16 or a declared encoding cannot be decoded.
    """
    with path.open("rb") as stream:
        stream.seek(surveyed.mark)
        if surveyed.encoding == "utf-8":
            while block := stream.read(size):
                yield block
            return
        decoder = codecs.getincrementaldecoder(surveyed.encoding)("strict")
        done = surveyed.mark
        while block := stream.read(size):
            yield _decode(decoder, block, done).encode("utf-8")
            done += len(block)
        yield _decode(decoder, b"", done, final=True).encode("utf-8")


def decode_head(head: bytes, declared: str | None = None) -> tuple[str, str]:
    """The first bytes of a file as text and in which encoding, for sniffing; the end may cut a character."""
    mark, encoding = marked(head)
    if encoding is None:
        try:
            return codecs.getincrementaldecoder("utf-8")("strict").decode(head), "utf-8"
        except UnicodeDecodeError:
            encoding = declared or ("iso8859-1" if any(byte in head for byte in _UNDEFINED_IN_1252) else "cp1252")
    return codecs.getincrementaldecoder(encoding)("replace").decode(head[mark:]), encoding


class LineCounter:
    """Physical lines by the bytes alone: terminators (LF, CR, CRLF as one) and an unterminated last line.

    Knows nothing of quotes or rows: it is the other side of the account that P2 promises.
    """

    def __init__(self, width: int = 1, *, big: bool = False) -> None:
        self._unit = np.dtype(np.uint8 if width == 1 else (">u2" if big else "<u2"))
        self._by_byte = width == 1
        self._rest = b""
        self._terminators = 0
        self._last = -1

    def add(self, block: bytes) -> None:
        """Count one block; blocks may be cut anywhere."""
        if self._by_byte:
            self._add_bytes(block)
            return
        block = self._rest + block
        whole = len(block) // self._unit.itemsize * self._unit.itemsize
        self._rest = block[whole:]
        units = np.frombuffer(block[:whole], self._unit)
        if not units.size:
            return
        feeds, returns = units == 10, units == 13
        pairs = int(np.count_nonzero(returns[:-1] & feeds[1:])) + int(self._last == 13 and bool(feeds[0]))
        self._terminators += int(np.count_nonzero(feeds)) + int(np.count_nonzero(returns)) - pairs
        self._last = int(units[-1])

    def _add_bytes(self, block: bytes) -> None:
        """The same where a character is a byte: `bytes.count` is several times as fast as arrays."""
        if not block:
            return
        pairs = block.count(b"\r\n") + (self._last == 13 and block[0] == 10)
        self._terminators += block.count(b"\n") + block.count(b"\r") - pairs
        self._last = block[-1]

    @property
    def count(self) -> int:
        """Lines so far."""
        return self._terminators + (self._last not in {-1, 10, 13} or bool(self._rest))


class Utf8Tally:
    """Characters beyond ASCII that are valid UTF-8, and bytes that are not."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.valid = 0
        self.invalid = 0

    def add(self, block: bytes, *, final: bool = False) -> None:
        """Look at one block; blocks may be cut anywhere."""
        if block.isascii() and not self._decoder.getstate()[0]:
            return
        text = self._decoder.decode(block, final)
        with contextlib.suppress(UnicodeEncodeError):  # raised for what stands for an invalid byte
            self.valid += int(np.count_nonzero(np.frombuffer(text.encode(), np.uint8) >= _LEADS))
            return
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        escaped = int(np.count_nonzero((points >= 0xDC80) & (points <= 0xDCFF)))
        self.invalid += escaped
        self.valid += int(np.count_nonzero(points >= 0x80)) - escaped


def _settle(seen: Utf8Tally, declared: str | None, *, unusual: bool) -> str:
    if not seen.invalid or seen.valid > 2 * seen.invalid:
        return "utf-8"
    if declared and codecs.lookup(declared).name != "utf-8":
        return _checked(declared)
    return "iso8859-1" if unusual else "cp1252"


def _checked(declared: str) -> str:
    """A declared encoding, if commas and line ends are the same bytes in it as in ASCII."""
    probe = b'\n\r",;\t|az09'
    if probe.decode(declared, "replace") != probe.decode("ascii"):
        raise Refusal("encoding", "the declared encoding is no superset of ASCII; export the file as UTF-8")
    return codecs.lookup(declared).name


def _decode(decoder: codecs.IncrementalDecoder, block: bytes, done: int, *, final: bool = False) -> str:
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        raise Refusal(
            "encoding",
            f"not valid {error.encoding} near byte {done + error.start}; export it as UTF-8 or correct `encoding`",
        ) from None
