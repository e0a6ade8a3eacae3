"""Delivered column names: cleaned, made distinct, and told apart from our own."""

from collections.abc import Iterable, Sequence

from identity.sources.base import column_key

OWN_COLUMNS = ("_sha256", "_row", "_line_from", "_line_to", "_hash")


def column_names(header: Iterable[str | None]) -> tuple[str, ...]:
    """Names as delivered, without byte-order mark, outer quotes and surrounding space.

    A repeated name gets ` #2`, ` #3`; an empty one is `column_7` by its place.
    """
    taken = {column_key(name) for name in OWN_COLUMNS}
    names = []
    for place, text in enumerate(header, start=1):
        plain = clean(text or "") or f"column_{place}"
        name, count = plain, 1
        while column_key(name) in taken:
            count += 1
            name = f"{plain} #{count}"
        taken.add(column_key(name))
        names.append(name)
    return tuple(names)


def clean(header: str) -> str:
    """One header as delivered, but for byte-order mark, NULs, outer quotes and surrounding space."""
    text = header.replace("\ufeff", "").replace("\0", "").strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    return text


def unnamed_at_end(header: Sequence[str | None]) -> int:
    """How many columns at the end of a header have no name."""
    named = [place for place, text in enumerate(header, start=1) if clean(text or "")]
    return len(header) - max(named, default=0)
