"""What a delivery holds and what becomes of each piece of it: new, seen before, or refused.

The decision is written to `delivery.json` in the run's folder, so that each source can be landed by a
process of its own, and again after a failure, from the same decision.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from identity.errors import IdentityError
from identity.landing.archives import Member, members, unpacked
from identity.landing.encoding import check_encodings
from identity.landing.find import find
from identity.landing.model import Dialect, Found, Refusal
from identity.landing.read import digest_of
from identity.landing.sniff import Sniffed, sniff
from identity.runs.workspace import write_atomically
from identity.settings import Settings
from identity.sources.base import Format

_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zX")


@dataclass(frozen=True)
class Piece:
    """One file or archive member of a delivery.

    `digest` is the SHA-256 of its bytes and `sha256` the one it is accounted by (of bytes and name where the
    source's file names are data). `status` is new (to be landed), seen (its bytes are landed already, or by
    another piece) or refused. `path` and `member` are its name in the accounts; `place`, and `inner` and `index`
    within an archive, are where its bytes stand (they differ when rows landed earlier have to be read again from
    another file).
    """

    path: str
    member: str
    sha256: str
    digest: str
    status: str
    bytes: int = 0
    source: str | None = None
    rule: str | None = None
    reason: str | None = None
    place: str = ""
    inner: str = ""
    index: int = 0
    format: Format = "csv"
    dialect: Dialect | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it in `raw.file`."""
        return self.sha256, self.path, self.member

    @property
    def packed(self) -> Member:
        """How to open it."""
        return Member(self.inner, self.index)


@dataclass(frozen=True)
class Content:
    """A piece as sniffed, before it is compared with what was delivered earlier."""

    found: Found
    member: Member
    sha256: str
    size: int
    sniffed: Sniffed | None = None
    rule: str | None = None
    reason: str | None = None


def contents(settings: Settings, scratch: Path, files: list[Found] | None = None) -> Iterator[Content]:
    """Every file and archive member of the delivery, hashed and sniffed, in order of names."""
    check_encodings(source.encoding for source in settings.sources)
    for found in find(settings) if files is None else files:
        if found.rule is not None:
            yield Content(
                found,
                Member(""),
                *_measured(found, settings.limits.max_file_bytes),
                rule=found.rule,
                reason=found.reason,
            )
            continue
        try:
            _refuse_large(found, settings)
            pieces = members(found.place, found.path, settings.limits)
        except Refusal as refusal:
            yield Content(
                found,
                Member(""),
                *_measured(found, settings.limits.max_file_bytes),
                rule=refusal.rule,
                reason=refusal.reason,
            )
            continue
        except (PermissionError, FileNotFoundError):
            yield Content(found, Member(""), "", 0, rule="unreadable", reason="cannot be read; check its permissions")
            continue
        for member in pieces:
            yield _content(found, member, settings, scratch)


def save(folder: Path, pieces: list[Piece]) -> None:
    """Write the decisions of a delivery into the run's folder."""
    text = json.dumps([asdict(piece) for piece in pieces], indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(folder / "delivery.json", text)


def load(folder: Path) -> list[Piece]:
    """The decisions that `save` wrote; IdentityError when the delivery was not recognised yet."""
    path = folder / "delivery.json"
    if not path.is_file():
        raise IdentityError(
            f"{path} is missing: the delivery was not recognised yet; start the run from its first stage"
        )
    return [_piece(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def _piece(entry: Mapping[str, object]) -> Piece:
    values = dict(entry)
    cut = values.pop("dialect")
    dialect = None
    if isinstance(cut, dict):
        dialect = Dialect(**{**cut, "columns": tuple(cut["columns"])})
    return Piece(**values, dialect=dialect)  # type: ignore[arg-type]


def _content(found: Found, member: Member, settings: Settings, scratch: Path) -> Content:
    if member.rule is not None:
        return Content(found, member, "", 0, rule=member.rule, reason=member.reason)
    digest, size = "", 0
    try:
        with unpacked(found.place, member, scratch, settings.limits) as place:
            digest, size = digest_of(place), place.stat().st_size
            if member.name:
                _refuse_nested(place)
            name = f"{found.path}/{member.name}" if member.name else found.path
            return Content(found, member, digest, size, sniff(place, name, settings))
    except Refusal as refusal:
        if not digest:
            digest, size = _measured(found, settings.limits.max_file_bytes)
        return Content(found, member, digest, size, rule=refusal.rule, reason=refusal.reason)
    except (PermissionError, FileNotFoundError):
        return Content(found, member, "", 0, rule="unreadable", reason="cannot be read; check its permissions")


def _refuse_large(found: Found, settings: Settings) -> None:
    if found.place.stat().st_size > settings.limits.max_file_bytes:
        raise Refusal("too_large", f"larger than {settings.limits.max_file_bytes} bytes; split the export")


def _refuse_nested(place: Path) -> None:
    with place.open("rb") as stream:
        if stream.read(4).startswith(_PACKED):
            raise Refusal("nested_archive", "an archive inside an archive; deliver the inner one by itself")


def _measured(found: Found, limit: int) -> tuple[str, int]:
    """Digest and size of a refused file, where it can be read without harm."""
    try:
        if found.rule in {"symlink", "not_a_file", "unreadable"} or not found.place.is_file():
            return "", 0
        size = found.place.stat().st_size
        return ("" if size > limit else digest_of(found.place)), size
    except OSError:
        return "", 0
