"""What a file is: its format by its first bytes, its source by its columns, and where its header stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from identity.landing import careful
from identity.landing.encoding import decode_head
from identity.landing.headers import column_names, unnamed_at_end
from identity.landing.jsonfile import head_of_array, parse_object
from identity.landing.model import Dialect, Refusal
from identity.landing.parquetfile import as_text, check_limits, opened
from identity.settings import Settings
from identity.settings_groups import LimitSettings
from identity.sources import registry
from identity.sources.base import FileFacts, Format, Source, column_key

HEAD = 256 << 10
DELIMITERS = (",", ";", "\t", "|")
_HEADER_WITHIN = 20
_SAMPLE = 50
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<(?:!doctype|html|\?xml|head|body|svg)", re.IGNORECASE)
_BINARY = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3\0": "an SQLite database",
    b"Obj\x01": "an Avro file",
    b"ORC": "an ORC file",
    b"ARROW1": "an Arrow file",
    b"\x7fELF": "a program",
}

Sample = tuple[dict[str, str | None], ...]


@dataclass(frozen=True)
class Sniffed:
    """A file that can be read: its format, columns as delivered, and for CSV how to cut it.

    `source` is None where no source has these columns; `advice` then names the nearest.
    """

    format: Format
    columns: tuple[str, ...]
    source: Source | None
    dialect: Dialect | None = None
    advice: str = ""
    encoding: str | None = None
    sample_rows: int = 0


def sniff(place: Path, name: str, settings: Settings) -> Sniffed:
    """Look at the head of a plain file; `name` is its path below the inbox with the archive's member.

    Raises Refusal for what is empty, binary, markup or beyond a limit.
    """
    with place.open("rb") as stream:
        head = stream.read(HEAD)
    if not head:
        raise Refusal("empty", "the file is empty; check the export")
    path = PurePosixPath(name)
    if head.startswith(b"PAR1"):
        return _sniff_parquet(place, path, settings)
    _refuse_binary(head)
    whole = len(head) < HEAD
    found: Sniffed | None = None
    for text, encoding in _readings(head, settings):
        _refuse_text(text)
        match format_of(text):
            case "ndjson":
                found = _sniff_ndjson(text, path, settings, whole=whole)
            case "json":
                found = _sniff_array(text, path, settings)
            case _:
                found = _sniff_csv(text, path, settings, whole=whole)
        found = replace(found, encoding=encoding)
        if found.source is not None:
            return found
    assert found is not None
    return found


def format_of(text: str) -> Format:
    """NDJSON, JSON array or CSV, by the first characters."""
    start = text.lstrip("\ufeff \t\r\n")
    if re.match(r'\{\s*("|\}|$)', start):
        return "ndjson"
    return "json" if re.match(r"\[\s*[\[{\]]", start) else "csv"


def header_of(place: Path, encoding: str, dialect: Dialect) -> Dialect:
    """The dialect with its column names read in the encoding that the whole file was found to have."""
    with place.open("rb") as stream:
        text, _ = decode_head(stream.read(HEAD), encoding)
    rows = list(_rows(text, dialect.delimiter, dialect.header_row + 1))
    if len(rows) <= dialect.header_row:
        return dialect
    return Dialect(dialect.delimiter, dialect.header_row, column_names(rows[-1]), dialect.unnamed)


def _readings(head: bytes, settings: Settings) -> Iterator[tuple[str, str]]:
    """The head as text, by its own signs and then in each encoding that the configuration names."""
    yield decode_head(head)
    for declared in dict.fromkeys(source.encoding for source in settings.sources if source.encoding):
        yield decode_head(head, declared)


def _refuse_binary(head: bytes) -> None:
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise Refusal("unsupported_format", f"{what}; deliver CSV, NDJSON, a JSON array or Parquet")


def _refuse_text(text: str) -> None:
    if not text.strip("\ufeff \t\r\n"):
        raise Refusal("empty", "the file holds no text; check the export")
    if len(_CONTROL.findall(text)) > max(8, len(text) // 50):
        raise Refusal("binary", "not text, nor a format we read; deliver CSV, NDJSON, a JSON array or Parquet")
    if _MARKUP.match(text.lstrip("\ufeff")):
        raise Refusal("markup", "an HTML or XML page, perhaps a login page saved in place of the export")


def _judged(
    format_: Format, columns: tuple[str, ...], sample: Sample, path: PurePosixPath, settings: Settings
) -> Sniffed:
    facts = _facts(format_, columns, sample, path)
    source = registry.recognise(facts, settings)
    advice = "" if source else registry.nearest(facts, settings)
    return Sniffed(format_, columns, source, advice=advice, sample_rows=len(sample))


def _facts(format_: Format, columns: tuple[str, ...], sample: Sample, path: PurePosixPath) -> FileFacts:
    return FileFacts(path, format_, frozenset(column_key(name) for name in columns), sample)


def _sniff_parquet(place: Path, path: PurePosixPath, settings: Settings) -> Sniffed:
    with opened(place) as file:
        check_limits(file, place.stat().st_size, settings.limits)
        names = column_names(file.schema_arrow.names)
        batch = next(file.iter_batches(batch_size=_SAMPLE, use_threads=False), None)
        rows = as_text(batch, names).to_pylist() if batch is not None else []
    sample = tuple({column_key(name): value for name, value in row.items()} for row in rows)
    return _judged("parquet", names, sample, path, settings)


def _sniff_ndjson(text: str, path: PurePosixPath, settings: Settings, *, whole: bool) -> Sniffed:
    lines = text.lstrip("\ufeff").splitlines()
    lines = lines if whole else lines[:-1] or lines
    rows = [fields for line in lines[: 4 * _SAMPLE] if (fields := parse_object(line.strip(), settings.limits)[0])]
    if not rows:
        raise Refusal("json_layout", "JSON, but not one object per line; export NDJSON or an array of objects")
    return _sniff_objects("ndjson", rows, path, settings)


def _sniff_array(text: str, path: PurePosixPath, settings: Settings) -> Sniffed:
    rows = head_of_array(text.lstrip("\ufeff"), _SAMPLE, settings.limits)
    if not rows:
        raise Refusal("json_layout", "a JSON array without a readable object; export NDJSON or an array of objects")
    return _sniff_objects("json", rows, path, settings)


def _sniff_objects(
    format_: Format, rows: list[dict[str, str | None]], path: PurePosixPath, settings: Settings
) -> Sniffed:
    keys = dict.fromkeys(key for row in rows for key in row)
    _refuse_width(len(keys), settings.limits)
    sample = tuple({column_key(key): value for key, value in row.items()} for row in rows[:_SAMPLE])
    return _judged(format_, column_names(keys), sample, path, settings)


def _sniff_csv(text: str, path: PurePosixPath, settings: Settings, *, whole: bool) -> Sniffed:
    """The first row of the first lines that is the header of a known source; else the likeliest header."""
    text = text.lstrip("\ufeff")
    tables: dict[str, list[tuple[str | None, ...]]] = {}
    for delimiter in DELIMITERS:
        rows = list(_rows(text, delimiter, _HEADER_WITHIN + _SAMPLE, whole=whole))
        tables[delimiter] = rows
    ranked = sorted(DELIMITERS, key=lambda d: -_width(tables[d]))
    _refuse_width(_width(tables[ranked[0]]), settings.limits)
    likeliest: Sniffed | None = None
    for delimiter in ranked:
        rows = tables[delimiter]
        if likeliest is not None and _width(rows) < 2:
            continue
        for place, header in enumerate(rows[:_HEADER_WITHIN]):
            if not any(header):
                continue
            found = _as_header(rows, place, delimiter, path, settings)
            if found.source is not None:
                return found
            likeliest = likeliest or found
    if likeliest is None:
        raise Refusal("no_header", "no header row among the first lines; the file may be cut or wrongly quoted")
    return likeliest


def _as_header(
    rows: list[tuple[str | None, ...]], place: int, delimiter: str, path: PurePosixPath, settings: Settings
) -> Sniffed:
    names = column_names(rows[place])
    keys = [column_key(name) for name in names]
    below = [row for row in rows[place + 1 :] if len(row) == len(keys)][:_SAMPLE]
    sample = tuple(dict(zip(keys, row, strict=True)) for row in below)
    judged = _judged("csv", names, sample, path, settings)
    dialect = Dialect(delimiter, place, names, unnamed_at_end(rows[place]))
    return Sniffed("csv", names, judged.source, dialect, judged.advice, sample_rows=len(sample))


def _rows(text: str, delimiter: str, most: int, *, whole: bool = True) -> Iterator[tuple[str | None, ...]]:
    """The first rows of a text; a broken row has no cells."""
    position = 0
    for _ in range(most):
        if position >= len(text):
            return
        row = careful.read_row(text, position, delimiter, 0, final=whole, patience=len(text))
        if row is None:
            return
        yield () if row.problem else row.values
        position = row.end


def _width(rows: list[tuple[str | None, ...]]) -> int:
    return max((len(row) for row in rows[:_HEADER_WITHIN]), default=0)


def _refuse_width(columns: int, limits: LimitSettings) -> None:
    if columns > limits.max_columns:
        raise Refusal("too_many_columns", f"more than {limits.max_columns} columns; check delimiter and line ends")
