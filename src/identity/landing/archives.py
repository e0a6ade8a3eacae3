"""Opening what is delivered packed: gzip and zip, with their checksums read to the end before a row lands.

Members never become paths: they are unpacked, one at a time, to a scratch file that we name.
"""

import errno
import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from identity.landing.model import Refusal, printable
from identity.settings_groups import LimitSettings

_BLOCK = 1 << 20
_GRACE = 1 << 20
"""Bytes a member may inflate to before its ratio counts: a short file of one repeated line is no bomb."""
_MAX_MEMBERS = 10_000
_WORKBOOK = {"xl/workbook.xml", "xl/workbook.bin"}
_OPEN_DOCUMENT = {"mimetype", "content.xml"}
_OTHER = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


_DAMAGE = (
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    struct.error,
)


@dataclass(frozen=True)
class Member:
    """One readable piece of a file: `name` is empty for the file itself; `rule` says why it is refused."""

    name: str
    index: int = 0
    rule: str | None = None
    reason: str | None = None


def kind(path: Path) -> str:
    """`gzip`, `zip` or `plain`, by the first bytes. Raises Refusal for archives we do not open."""
    with path.open("rb") as stream:
        head = stream.read(8)
    for magic, name in _OTHER.items():
        if head.startswith(magic):
            raise Refusal("unsupported_format", f"a {name} archive; unpack it, or deliver gzip or zip")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal("spreadsheet", "an Excel 97 workbook; save the sheet as CSV (UTF-8) and deliver that")
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zip" if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")) else "plain"


def members(path: Path, name: str, limits: LimitSettings) -> list[Member]:
    """What a file holds: itself, the one member of a gzip, or every file of a zip in its order.

    Raises Refusal for a damaged or hostile archive and for a workbook.
    """
    match kind(path):
        case "plain":
            return [Member("")]
        case "gzip":
            return [Member(PurePosixPath(name).name.removesuffix(".gz").removesuffix(".GZ") or "content")]
        case _:
            return _zip_members(path, limits)


@contextmanager
def unpacked(path: Path, member: Member, scratch: Path, limits: LimitSettings) -> Iterator[Path]:
    """A plain file with the member's bytes, removed afterwards; the file itself when it is not packed.

    Raises Refusal when the checksum is wrong, the end is missing or a limit is passed.
    """
    if not member.name:
        yield path
        return
    scratch.parent.mkdir(parents=True, exist_ok=True)
    try:
        with scratch.open("wb") as target:
            _unpack(path, member, target, limits)
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)


def _unpack(path: Path, member: Member, target: IO[bytes], limits: LimitSettings) -> None:
    try:
        if kind(path) == "gzip":
            with gzip.open(path) as stream:
                _copy(stream, target, path.stat().st_size, limits)
        else:
            with zipfile.ZipFile(path) as archive:
                info = archive.infolist()[member.index]
                with archive.open(info) as stream:
                    _copy(stream, target, max(info.compress_size, 1), limits)
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno not in {None, errno.EINVAL}:
            raise
        raise Refusal(
            "damaged_archive",
            f"the archive cannot be read to its end ({_why(error)}); have it written and delivered again",
        ) from None


def _copy(stream: IO[bytes] | gzip.GzipFile, target: IO[bytes], packed: int, limits: LimitSettings) -> None:
    size = 0
    while block := stream.read(_BLOCK):
        size += len(block)
        if size > limits.max_file_bytes:
            raise Refusal("too_large", f"more than {limits.max_file_bytes} bytes when unpacked; split the export")
        if size > _GRACE and size > packed * limits.max_inflation:
            raise _inflation(limits)
        target.write(block)


def _inflation(limits: LimitSettings) -> Refusal:
    times = limits.max_inflation
    return Refusal("inflation", f"inflates to more than {times} times its size; deliver it unpacked")


def _why(error: Exception) -> str:
    text = str(error).lower()
    for sign, words in (("crc", "wrong checksum"), ("end-of-stream", "its end is missing"), ("truncated", "cut off")):
        if sign in text:
            return words
    return "damaged or an unknown compression"


def _zip_members(path: Path, limits: LimitSettings) -> list[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except _DAMAGE:
        raise Refusal("damaged_archive", "not a whole zip archive; have it written and delivered again") from None
    names = {entry.filename for entry in entries}
    if names & _WORKBOOK or names >= _OPEN_DOCUMENT:
        raise Refusal("spreadsheet", "a workbook; save the sheet as CSV (UTF-8) and deliver that")
    if len(entries) > _MAX_MEMBERS:
        raise Refusal("too_many_members", f"more than {_MAX_MEMBERS} members; deliver fewer files per archive")
    files = [(index, entry) for index, entry in enumerate(entries) if not entry.is_dir()]
    if not files:
        raise Refusal("empty", "an archive without a file; check the export")
    size = path.stat().st_size
    total = sum(entry.file_size for _, entry in files)
    if total > max(size * limits.max_inflation, _GRACE):
        raise _inflation(limits)
    seen: dict[str, int] = {}
    found = []
    for index, entry in files:
        count = seen[entry.filename] = seen.get(entry.filename, 0) + 1
        name = entry.filename if count == 1 else f"{entry.filename} #{count}"
        found.append(Member(printable(name), index, *(_member_problem(entry) or (None, None))))
    return found


def _member_problem(entry: zipfile.ZipInfo) -> tuple[str, str] | None:
    name = entry.orig_filename
    parts = (*PurePosixPath(name).parts, *PureWindowsPath(name).parts)
    if ".." in parts or PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor or "\0" in name:
        return "unsafe_path", "the member's name leads out of the archive; pack it with plain relative names"
    if (entry.external_attr >> 16) & 0o170000 == 0o120000:
        return "symlink", "the member is a link; pack the file itself"
    if entry.flag_bits & 0x1:
        return "encrypted", "the member is encrypted; deliver it without a password"
    if any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts):
        return "hidden", "hidden files are not read; rename it to have it read"
    return None
