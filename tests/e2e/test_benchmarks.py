"""The short form of every benchmark: it runs over little, and prints what it promises. Times are not looked at."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def told(script: str, *words: object) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / f"{script}.py"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


SPLINK = ("--datasets", ROOT.parent / "shared" / "datasets", "--sets", "1m", "--people", 1500, "--rounds", 1)


def test_our_whole_job_beside_splinks(tmp_path: Path) -> None:
    assert "| 1m | whole | together |" in told("vs_splink", *SPLINK, "--work", tmp_path, "--parts", "whole")


@pytest.mark.deep
def test_links_are_the_same_beside_splink(tmp_path: Path) -> None:
    assert "| 1m | heavy | together |" in told("vs_splink", *SPLINK, "--work", tmp_path, "--parts", "model", "heavy")


@pytest.mark.deep
def test_a_whole_run_then_pages_and_a_server(tmp_path: Path) -> None:
    text = told("whole_run", "--people", 200, "--folder", tmp_path)
    assert "peak memory" in text
    assert "pair precision" in text
    assert "median" in told("review_pages", "--config", tmp_path / "identity.toml", "--cases", 3)
    assert "published in all" in told("publish_postgres", tmp_path / "warehouse.duckdb", "--without-raw")


@pytest.mark.deep
def test_what_is_new_costs_what_it_costs(tmp_path: Path) -> None:
    text = told("incremental", "--people", 200, "--folder", tmp_path, "--only", "base", "10")
    assert "| **whole process** |" in text


def test_growth_and_enrich(tmp_path: Path) -> None:
    assert "µs CPU" in told("matching_growth", "--records", 500, 1000, "--folder", tmp_path / "growth")
    assert "| **enrich** |" in told("enrich", "--records", 2000, "--folder", tmp_path / "enrich")
