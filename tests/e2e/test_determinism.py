"""P6 and P12: equal inputs give equal published tables, whatever the order, split, threads or hash seed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.support.generations import (
    AS_OF,
    OF_THE_DAY,
    OF_THE_DELIVERY,
    differing,
    pin_secret,
    publish,
    redeliver,
    sample_inbox,
    shuffled,
    split,
    table_hashes,
)


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_inbox(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def expected(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("expected")
    publish(inbox, folder)
    return table_hashes(folder / "w.duckdb")


def test_p12_two_threads_give_equal_tables(inbox: Path, expected: dict[str, str], tmp_path: Path) -> None:
    publish(inbox, tmp_path, threads=2)
    assert differing(table_hashes(tmp_path / "w.duckdb"), expected) == []


def test_p12_shuffled_rows_give_equal_tables(inbox: Path, expected: dict[str, str], tmp_path: Path) -> None:
    publish(redeliver(inbox, tmp_path / "inbox", shuffled(1)), tmp_path)
    found = table_hashes(tmp_path / "w.duckdb")
    assert set(differing(found, expected)) <= OF_THE_DELIVERY | {"ops.run"}


def test_p12_split_files_give_equal_tables(inbox: Path, expected: dict[str, str], tmp_path: Path) -> None:
    publish(redeliver(inbox, tmp_path / "inbox", split(3)), tmp_path)
    found = table_hashes(tmp_path / "w.duckdb", without=("ops.run_metric", "ops.quality_result"))
    assert set(differing(found, expected)) <= OF_THE_DELIVERY | {"ops.run", "ops.run_metric", "ops.quality_result"}


def test_p12_another_hash_seed_and_process_give_equal_tables(
    inbox: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    pin_secret(tmp_path)
    command = [sys.executable, "-m", "identity", "run", "--inbox", str(inbox), "--region", "US", "--json"]
    command += ["--warehouse", str(tmp_path / "w.duckdb"), "--as-of", AS_OF.isoformat(), "--threads", "1"]
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "IDENTITY_MEMORY_LIMIT": "1GB"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["generation"] == 1
    assert differing(table_hashes(tmp_path / "w.duckdb"), expected) == []


def test_p6_loading_the_files_twice_changes_nothing(inbox: Path, tmp_path: Path) -> None:
    first = publish(inbox, tmp_path)
    before = table_hashes(tmp_path / "w.duckdb", dated=False)
    second = publish(inbox, tmp_path, as_of=AS_OF.replace(day=2))
    assert (first.number, second.number) == (1, 2)
    changed = set(differing(table_hashes(tmp_path / "w.duckdb", dated=False), before))
    assert changed <= {"ops.run", "ops.run_metric", "ops.quality_result"} | OF_THE_DAY
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        told = connection.execute("select distinct kind from mart.changes_since_last where kind <> 'time'").fetchall()
    assert told == []
