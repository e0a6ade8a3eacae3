"""Reading one recognised file into its landed Parquet file."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from identity.errors import IdentityError
from identity.landing.csvfile import read_csv
from identity.landing.encoding import Survey, blocks, survey
from identity.landing.jsonfile import read_json_array, read_ndjson
from identity.landing.model import Dialect, Reading, Refusal, Sink
from identity.landing.parquetfile import read_parquet
from identity.landing.sniff import header_of
from identity.landing.store import landed_writer
from identity.settings_groups import LimitSettings
from identity.sources.base import Format


@dataclass(frozen=True)
class Plan:
    """What recognition decided about a file: how to read it, and its digests (`sha256` is the account's)."""

    sha256: str
    digest: str
    format: Format
    dialect: Dialect | None
    encoding: str | None


def land_file(place: Path, target: Path, plan: Plan, limits: LimitSettings) -> Reading:
    """Read a plain file into `target`, which appears only when every line is accounted for.

    Raises Refusal where the file cannot be read as a whole, IdentityError where it changed since it was recognised.
    """
    with landed_writer(target, plan.sha256) as writer:
        reading, columns = _read(place, plan, limits, writer.add)
        writer.close(columns)
    return reading


def digest_of(place: Path) -> str:
    """SHA-256 of a file."""
    with place.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(place: Path, plan: Plan, limits: LimitSettings, sink: Sink) -> tuple[Reading, tuple[str, ...]]:
    if plan.format == "parquet":
        _same(digest_of(place), plan)
        return read_parquet(place, limits, sink)
    about = survey(place, plan.encoding)
    _same(about.sha256, plan)
    text = blocks(place, about)
    if plan.format == "json":
        reading, columns = read_json_array(text, limits, sink)
        return replace(reading, encoding=about.encoding), columns
    if plan.format == "ndjson":
        reading, columns = read_ndjson(text, limits, sink)
    else:
        assert plan.dialect is not None
        dialect = header_of(place, about.encoding, plan.dialect)
        columns = dialect.columns
        reading = read_csv(text, dialect, limits, sink, damaged=about.invalid > 0)
    return _accounted(reading, about), columns


def _accounted(reading: Reading, about: Survey) -> Reading:
    """The reading with the lines that the byte counter found; refused when they do not add up (P2)."""
    spans = (reading.header_lines or 0) + reading.landed_lines
    whole = replace(reading, lines=about.lines, encoding=about.encoding)
    if spans + whole.rejected_lines != about.lines:
        raise Refusal("line_account", "its lines do not add up, so nothing of it was landed; please report this file")
    return whole


def _same(digest: str, plan: Plan) -> None:
    if digest != plan.digest:
        raise IdentityError("a delivered file changed while it was being read; start the run again once it is whole")
