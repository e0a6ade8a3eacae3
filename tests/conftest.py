"""Settings and published generations shared by all suites."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("short", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", max_examples=3000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


@pytest.fixture(scope="session")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sample exports of 40 people in every format; read only."""
    from tests.support.generations import small_inbox

    return small_inbox(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a real Postgres: one that runs from a wheel's binaries, or IDENTITY_TEST_PG_URL (a superuser's)."""
    from tests.support.server import running

    with running() as address:
        yield address


@pytest.fixture(scope="session")
def published(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `w.duckdb` and `w.state` of one published generation of `inbox`; read only: copy it to go on."""
    from tests.support.generations import publish

    folder = tmp_path_factory.mktemp("published")
    publish(inbox, folder)
    return folder
