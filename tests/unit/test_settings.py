"""Settings: precedence, paths relative to the file, errors that name the file and the key."""

from pathlib import Path

import pytest

from identity import settings
from identity.errors import ConfigurationError

DATASETS = """
[[sources]]
name_column = "source"
files = "records.parquet"
record_id = "record_id"
default_region = "US"
[sources.fields]
full_name = ["NAME", "NATIVE_NAME"]
"id.passport" = "PASSPORT_NUMBER"
[sources.attributes]
occupation = "occupation"
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_source_table_is_read(tmp_path: Path) -> None:
    (source,) = settings.load(_write(tmp_path, DATASETS), {}).sources
    assert source.fields["full_name"] == ("NAME", "NATIVE_NAME")
    assert source.fields["id.passport"] == "PASSPORT_NUMBER"
    assert source.attributes == {"occupation": "occupation"}
    assert source.delivery == "delta"


def test_command_line_beats_environment_beats_file(tmp_path: Path) -> None:
    path = _write(tmp_path, 'region = "GB"\nwarehouse = "a.duckdb"\nthreads = 3')
    loaded = settings.load(path, {"IDENTITY_REGION": "DE", "IDENTITY_THREADS": "2"}, region="FR")
    assert (loaded.region, loaded.threads, loaded.warehouse) == ("FR", 2, tmp_path / "a.duckdb")


def test_state_stands_beside_the_warehouse(tmp_path: Path) -> None:
    assert settings.load(None, {}, warehouse=tmp_path / "x.duckdb").state == tmp_path / "x.state"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("regoin = 'US'", "run.toml: regoin: unknown key; did you mean `region`?"),
        ("xyzzy = 1", "run.toml: xyzzy: unknown key\n"),
        ("[gate]\nmax_rejects = 1", "gate.max_rejects: unknown key; did you mean `max_reject_rate`?"),
        ("region = 'United States'", "run.toml: region: no such country; give its ISO 3166 code"),
        ("region = 'XX'", "run.toml: region: no such country"),
        ("[[sources]]\nsystem = 'square'\ntime_zone = 'Mars/Base'", "sources.0.time_zone: no such time zone"),
        ("[matching]\nlink_threshold = 2", "matching.link_threshold: Input should be less than 1"),
        ("[[sources]]\nfiles = 'a.csv'", "sources.0: .*needs `name`, `name_column` or `system`"),
        ("[[sources]]\nname = 'a'\nfiles = 'a.csv'", "needs `record_id`"),
        ("[[sources]]\nname = 'a'\nrecord_id = 'id'", "needs `files`"),
        ("region = ", "not valid TOML"),
    ],
)
def test_errors_name_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        settings.load(_write(tmp_path, text), {})


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        settings.load(tmp_path / "none.toml", {})


def test_fingerprint_ignores_places_and_threads() -> None:
    one = settings.load(None, {}, threads=1, warehouse="a.duckdb")
    two = settings.load(None, {}, threads=2, warehouse="b.duckdb")
    other = settings.load(None, {}, region="DE")
    assert one.fingerprint == two.fingerprint != other.fingerprint
