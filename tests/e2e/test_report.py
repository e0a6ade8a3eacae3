"""The report of a published run: its queries can be run, its pages link to each other, its command finds it."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.support.cli import invoke
from tests.support.report_queries import every_query_gives_its_figures

from identity.privacy import requests
from identity.review import notes
from identity.runs import lifecycle
from identity.runs.store import open_store
from identity.settings import Settings


@pytest.fixture(scope="module")
def settings(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = shutil.copytree(published, tmp_path_factory.mktemp("report") / "own")
    return Settings(warehouse=folder / "w.duckdb", region="US", threads=1, memory_limit="1GB")


def run_id(settings: Settings) -> str:
    return str(lifecycle.runs(settings)[0]["run_id"])


def test_every_query_of_the_first_report_gives_its_figures_in_a_shell(settings: Settings) -> None:
    assert every_query_gives_its_figures(settings) > 50


def test_the_pages_of_great_expectations_stand_beside_the_report_and_load_nothing(settings: Settings) -> None:
    reports = settings.state / "reports"
    link = f"data-docs/{run_id(settings)}/index.html"
    assert f'href="{link}"' in (reports / f"{run_id(settings)}.html").read_text(encoding="utf-8")
    pages = sorted((reports / link).parent.glob("*.html"))
    listed = (reports / link).read_text(encoding="utf-8")
    assert len(pages) > 10
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert page.name == "index.html" or f'href="{page.name}"' in listed
        assert "default-src 'none'" in text
        assert not any(word in text for word in ("<script", "<link", "<img", "https://"))
    assert "consents_too_permissive" in (reports / link).with_name("golden.consent.html").read_text(encoding="utf-8")


def test_the_command_says_where_the_report_is_and_writes_it_again_where_it_is_gone(settings: Settings) -> None:
    place = settings.state / "reports" / f"{run_id(settings)}.html"
    written = []
    for _ in range(2):
        place.unlink()
        told = invoke("report", "-w", settings.warehouse)
        assert told.exit_code == 0
        assert str(place) in told.output.replace("\n", "")
        written.append(place.read_bytes())
    assert written[0] == written[1], "the same tables give the same page"
    assert invoke("report", "g000099-none", "-w", settings.warehouse).exit_code == 2


def test_an_unmasked_report_goes_elsewhere_is_logged_and_found_by_an_erasure(
    settings: Settings, tmp_path: Path
) -> None:
    store, target = open_store(settings), tmp_path / "full.html"
    assert invoke("report", "--unmasked", "-w", settings.warehouse).exit_code == 2
    inside = settings.state / "reports" / "full.html"
    assert invoke("report", "--unmasked", "--output", inside, "-w", settings.warehouse).exit_code == 2
    assert not inside.exists()
    assert invoke("report", "--unmasked", "--output", target, "-w", settings.warehouse).exit_code == 0
    text = target.read_text(encoding="utf-8")
    kept = (settings.state / "reports" / f"{run_id(settings)}.html").read_text(encoding="utf-8")
    assert "Values of people stand here in full" in text
    assert text.count("•••") < kept.count("•••")
    assert "@example.com" in text or "@gmail.com" in text
    assert "@gmail.com" not in kept
    assert target.stat().st_mode & 0o077 == 0
    assert ("report", run_id(settings)) in {(row["page"], row["subject"]) for row in notes.seen(store)}
    assert str(target) in {row["path"] for row in requests.exports(store)}
    with store.connect() as connection:
        assert connection.execute(sa.text("select count(*) from review_unmasking")).scalar() == 1
