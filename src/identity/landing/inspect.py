"""What `identity sources` shows: for each file what it is, before anything runs."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from identity.landing.delivery import Content, contents
from identity.landing.find import find_in
from identity.settings import Settings
from identity.sources import registry


@dataclass(frozen=True)
class FileReport:
    """One file or archive member: its source, or the rule and reason by which it would be refused.

    `columns` are the headers as delivered, each with our fields that it feeds (None: kept, but mapped to
    nothing); `sample_rows` is how many rows were looked at.
    Encoding is what the head suggests; landing settles it over the whole file.
    """

    path: str
    member: str
    bytes: int
    source: str | None = None
    rule: str | None = None
    reason: str | None = None
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    columns: tuple[tuple[str, str | None], ...] = ()
    sample_rows: int = 0


def inspect(paths: list[Path], settings: Settings) -> list[FileReport]:
    """Recognise files and folders without landing them; `paths` empty means the delivery of the settings."""
    with tempfile.TemporaryDirectory(prefix="identity-") as folder:
        files = find_in(paths, settings) if paths else None
        found = contents(settings, Path(folder) / "member", files)
        return [_report(content) for content in found]


def _report(content: Content) -> FileReport:
    base = FileReport(content.found.path, content.member.name, content.size)
    sniffed = content.sniffed
    if sniffed is None:
        return replace(base, rule=content.rule, reason=content.reason)
    known = replace(
        base,
        format=sniffed.format,
        encoding=sniffed.encoding,
        delimiter=sniffed.dialect.delimiter if sniffed.dialect else None,
        columns=tuple((name, None) for name in sniffed.columns),
        sample_rows=sniffed.sample_rows,
    )
    source = sniffed.source
    if source is None:
        return replace(known, rule="unrecognised", reason=sniffed.advice)
    mapped = tuple((name, registry.mapped(source, name)) for name in sniffed.columns)
    return replace(known, source=source.name, columns=mapped)
