"""Comparing a delivery with what was delivered before: what is new, what is known, what is carried on."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from identity.errors import ConfigurationError, IdentityError
from identity.landing.arrivals import Key, Row, key_of
from identity.landing.delivery import Content, Piece

PASSING = frozenset({"hidden", "in_progress", "not_a_file", "symlink", "unreadable"})
"""Rules about a name or a moment, not about content: such a refusal is told of its own delivery only."""


@dataclass(frozen=True)
class Before:
    """What earlier generations were delivered: rows of `raw.file`, and where landed rows are kept."""

    rows: tuple[Row, ...]
    landed_file: Callable[[str, str], Path]

    def sources_of(self, sha256: str) -> list[str]:
        """Source objects that landed these bytes."""
        return sorted({row["source"] for row in self.rows if row["status"] == "landed" and row["sha256"] == sha256})

    def of(self, source: str | None) -> list[Row]:
        """The rows of one source object; of None those that were refused."""
        return [row for row in self.rows if row["source"] == source]

    def landed(self, source: str, sha256: str) -> Row | None:
        """The row under which a source landed these bytes."""
        fitting = (row for row in self.rows if row["status"] == "landed" and row["source"] == source)
        return next((row for row in fitting if row["sha256"] == sha256), None)

    def same(self, key: Key) -> Row | None:
        """The row of this very file, path and member."""
        return next((row for row in self.rows if key_of(row) == key), None)


def decide(contents: Iterable[Content], before: Before, known_sources: Iterable[str]) -> list[Piece]:
    """Every piece of the delivery with its status; of equal bytes the first by name is landed."""
    known = frozenset(known_sources)
    pieces: dict[Key, Piece] = {}
    taken: set[tuple[str, str]] = set()
    for content in contents:
        piece = _as_piece(content, [name for name in before.sources_of(content.sha256) if name in known])
        if piece.source is not None:
            bytes_of = (piece.source, piece.sha256)
            again = _to_read_again(piece, before)
            if again is not None and bytes_of not in taken:
                pieces[again.key] = again
            if bytes_of in taken or before.landed(*bytes_of) is not None:
                piece = replace(piece, status="seen")
            taken.add(bytes_of)
        pieces.setdefault(piece.key, piece)
    return [pieces[key] for key in sorted(pieces, key=lambda key: (key[1], key[2], key[0]))]


def kept(before: Before, pieces: Iterable[Piece]) -> list[Row]:
    """Earlier rows that stay as they are: all but those of pieces that are decided anew.

    A refusal by content stays in the account of files; one by name or moment ends with its delivery. Rows
    that equal bytes replace under another source (its pattern or prefix changed) go.
    """
    anew = {piece.key for piece in pieces if piece.status != "seen"}
    moved = {piece.sha256: piece.source for piece in pieces if piece.status == "new"}
    return [
        row
        for row in before.rows
        if key_of(row) not in anew
        and row["rule"] not in PASSING
        and (row["source"] is None or moved.get(row["sha256"], row["source"]) == row["source"])
    ]


def check_kept(rows: Iterable[Row], before: Before, known_sources: Iterable[str]) -> None:
    """Raise where rows landed earlier cannot be used: their source is gone, or their file is."""
    known = frozenset(known_sources)
    landed = [row for row in rows if row["status"] == "landed"]
    orphans = sorted({row["source"] for row in landed if row["source"] not in known})
    if orphans:
        raise ConfigurationError(
            f"files were landed for {', '.join(orphans)}, which the configuration no longer has; restore that "
            "[[sources]] table, deliver its files again for the source that replaces it, or start a new warehouse"
        )
    lost = [row for row in landed if not before.landed_file(row["source"], row["sha256"]).exists()]
    if lost:
        first = lost[0]
        name = "/".join(part for part in (first["path"], first["member"]) if part)
        raise IdentityError(
            f"landed rows of {len(lost)} files are missing from the state folder, the first {name} of "
            f"{first['source']} ({before.landed_file(first['source'], first['sha256'])}); restore the folder, or "
            "put the delivered files back into the inbox and run again"
        )


def _as_piece(content: Content, landed_by: list[str]) -> Piece:
    """A piece as recognised; bytes that a source landed before stay its own unless another now claims them."""
    sniffed = content.sniffed
    base = Piece(
        path=content.found.path,
        member=content.member.name,
        sha256=content.sha256,
        digest=content.sha256,
        status="new",
        bytes=content.size,
        place=str(content.found.place),
        inner=content.member.name,
        index=content.member.index,
    )
    if sniffed is not None and sniffed.source is not None:
        source = sniffed.source
        known = replace(base, source=source.name, format=sniffed.format, dialect=sniffed.dialect)
        return replace(known, sha256=_with_name(content)) if source.name_is_data and content.sha256 else known
    if landed_by and content.sha256:
        return replace(base, source=landed_by[0], status="seen")
    if sniffed is not None:
        return replace(base, status="refused", rule="unrecognised", reason=sniffed.advice)
    return replace(base, status="refused", rule=content.rule, reason=content.reason)


def _with_name(content: Content) -> str:
    """SHA-256 of the bytes and the file's own name: two lists of equal members are two where the name says of what."""
    name = PurePosixPath(content.member.name or content.found.path).name
    return hashlib.sha256(f"{content.sha256}\0{name}".encode()).hexdigest()


def _to_read_again(piece: Piece, before: Before) -> Piece | None:
    """The piece under the name it was landed by, when its landed rows are gone."""
    assert piece.source is not None
    row = before.landed(piece.source, piece.sha256)
    if row is None or piece.status == "seen" or before.landed_file(piece.source, piece.sha256).exists():
        return None
    return replace(piece, path=row["path"], member=row["member"], status="new")
