"""What the Airflow tasks do, without Airflow: repeating is safe, and what cannot go on says so."""

import json
import logging
import socket
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identity import pipeline, scheduling
from identity.engine import generation
from identity.errors import AnotherRun, CheckStopped, ConfigurationError, InputRefused, NotPublished, RunHeld
from identity.runs import lifecycle
from identity.tables import tables

AS_OF = "2026-07-01T03:00:00Z"


@pytest.fixture
def parameters(tmp_path: Path) -> dict[str, object]:
    """A configuration over an inbox with one file."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "people.csv").write_text("id,email\n1,ann@example.com\n")
    _configure(tmp_path)
    return {"config": str(tmp_path / "identity.toml"), "as_of": AS_OF, "full": False}


def _configure(folder: Path, more: str = "") -> None:
    text = f'inbox = "inbox"\nwarehouse = "w.duckdb"\n{more}'
    (folder / "identity.toml").write_text(text)


def _published_by_another(folder: Path) -> None:
    """A warehouse whose first generation is another run's."""
    types = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "TIMESTAMP": pa.timestamp("us")}
    columns = {column.name: types.get(column.type, pa.string()) for column in tables()["ops.run"].columns}
    row = {"run_number": 1, "run_id": "other", "as_of": datetime(2026, 7, 1)}
    pq.write_table(pa.Table.from_pylist([row], schema=pa.schema(columns.items())), folder / "run.parquet")
    generation.build(folder / "w.duckdb", {"ops.run": [folder / "run.parquet"]}, {}, threads=1)


def test_a_repeated_begin_finds_the_run_it_opened(parameters: dict[str, object]) -> None:
    run = scheduling.begin(parameters)
    assert scheduling.begin(parameters) == run == "g000001-20260701T030000"


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("2026-07-01T03:00:00", "g000001-20260701T030000"),
        ("2026-07-01T03:00:00+02:00", "g000001-20260701T010000"),
        ("2026-07-01", "g000001-20260701T000000"),
    ],
)
def test_a_time_with_a_zone_becomes_utc(parameters: dict[str, object], text: str, run: str) -> None:
    assert scheduling.begin({**parameters, "as_of": text}) == run


def test_a_time_that_is_none_is_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="as_of: 'tomorrow' is no ISO 8601 time"):
        scheduling.begin({**parameters, "as_of": "tomorrow"})


def test_a_run_needs_something_to_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing to read"):
        scheduling.begin({"warehouse": str(tmp_path / "w.duckdb")})


def test_parameters_win_over_the_configuration(parameters: dict[str, object], tmp_path: Path) -> None:
    settings = scheduling.load_settings({**parameters, "warehouse": str(tmp_path / "other.duckdb"), "inbox": ""})
    assert settings.warehouse == tmp_path / "other.duckdb"
    assert settings.inbox == tmp_path / "inbox"


def test_an_inbox_without_a_usable_file_is_refused_and_the_run_closed(parameters: dict[str, object]) -> None:
    run = scheduling.begin(parameters)
    with pytest.raises(InputRefused, match=r"people\.csv"):
        scheduling.parts(parameters, run, "land")
    with pytest.raises(NotPublished, match="is failed, the last generation stays"):
        scheduling.finish(parameters, run)
    assert [row["status"] for row in lifecycle.runs(scheduling.load_settings(parameters))] == ["failed"]


def test_finish_gives_the_lease_back(parameters: dict[str, object], tmp_path: Path) -> None:
    run = scheduling.begin(parameters)
    (tmp_path / "inbox" / "more.csv").write_text("id,email\n2,bob@example.com\n")
    with pytest.raises(AnotherRun, match=run):
        scheduling.begin(parameters)
    with pytest.raises(NotPublished):
        scheduling.finish(parameters, run)
    assert scheduling.begin(parameters) == f"{run}-2"


def test_a_task_repeated_under_another_configuration_is_refused(parameters: dict[str, object], tmp_path: Path) -> None:
    run = scheduling.begin(parameters)
    _configure(tmp_path, "[gate]\nmax_changed_ids = 0.5\n")
    with pytest.raises(ConfigurationError, match="configuration was changed since run"):
        scheduling.part(parameters, run, "link")


def test_a_task_repeated_after_a_later_run_published_is_refused(parameters: dict[str, object], tmp_path: Path) -> None:
    run = scheduling.begin(parameters)
    _published_by_another(tmp_path)
    with pytest.raises(ConfigurationError, match="was overtaken: generation 1 was published by run other"):
        scheduling.part(parameters, run, "publish")


def test_what_another_try_cannot_mend_is_final() -> None:
    assert not issubclass(AnotherRun, scheduling.FINAL)
    assert all(issubclass(kind, scheduling.FINAL) for kind in (CheckStopped, RunHeld, InputRefused))


def test_a_broken_webhook_hides_no_failure_and_no_error_text_is_told(
    parameters: dict[str, object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        _configure(tmp_path, f'[notify]\nwebhook = "http://127.0.0.1:{closed.getsockname()[1]}/"\n')
        with caplog.at_level(logging.INFO):
            scheduling.notify(parameters, "g1", "link", ValueError("ann@example.com"))
    assert "event=failed run=g1 task=link" in caplog.text
    assert "webhook failed: URLError" in caplog.text
    assert "ann@example.com" not in caplog.text


def test_a_webhook_is_an_http_address(
    parameters: dict[str, object], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _configure(tmp_path, '[notify]\nwebhook = "file:///etc/hostname"\n')
    scheduling.notify(parameters, "g1", "link")
    assert "notify.webhook is no http address" in caplog.text


def test_a_broken_configuration_is_told_by_log(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    scheduling.notify({"config": str(tmp_path / "nowhere.toml")}, None, "begin")
    assert "no notification sent" in caplog.text


def test_every_stage_describes_what_it_reads_and_writes() -> None:
    for stage in pipeline.STAGES:
        text = scheduling.describe(stage)
        assert all(f"`{name}`" in text for name in (*stage.reads, *stage.writes)), json.dumps(text)
