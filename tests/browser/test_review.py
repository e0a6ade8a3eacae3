"""A steward's day in a real browser: by keyboard from the queue to the changed profile and back; accessibility."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.support.browser import browser, log_in, served
from tests.support.cli import invoke
from tests.support.generations import sample_inbox

from identity.review import accounts
from identity.review.accounts import Role
from identity.runs.store import open_store
from identity.stewardship import log as decision_log

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1800)]
PASSWORD = "a long enough password"
CONFIG = """
inbox = "{inbox}"
warehouse = "w.duckdb"
region = "US"
threads = 2
[gate]
max_changed_ids = 1.0
max_profile_count_change = 1.0
[stewardship]
sample_pairs = 60
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published store of six hundred people."""
    folder = tmp_path_factory.mktemp("browser")
    place = folder / "identity.toml"
    place.write_text(CONFIG.format(inbox=sample_inbox(folder, people=600, seed=11)))
    told = invoke("run", "--config", place)
    assert told.exit_code == 0, told.output
    store = open_store(folder / "w.state")
    for name, role in (("Stella", Role.STEWARD), ("Ada", Role.ADMIN)):
        accounts.add(store, name, role, PASSWORD)
    return place


@pytest.fixture(scope="module")
def address(config: Path) -> Iterator[str]:
    with served("--config", config) as found:
        yield found


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    with browser() as found:
        yield found


@pytest.fixture
def page(running: Any, address: str) -> Iterator[Any]:
    """A page of Stella's; any fault that the browser tells of fails the test."""
    context = running.new_context(viewport={"width": 1366, "height": 900})
    found = context.new_page()
    faults: list[str] = []
    found.on("pageerror", lambda error: faults.append(str(error)))
    found.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    log_in(found, address, "Stella", PASSWORD)
    yield found
    context.close()
    assert faults == []


def by_keyboard(page: Any, key: str) -> None:
    """Press a key that leads to another page, and wait for it."""
    with page.expect_navigation():
        page.keyboard.press(key)


def applied(page: Any, address: str) -> None:
    """Apply decisions now and wait until the run is published."""
    page.goto(f"{address}/runs")
    generation = int(re.search(r"Generation (\d+)", page.text_content("p.lead"))[1])
    page.click("button:has-text('Apply decisions now')")
    page.locator(f"p.lead:has-text('Generation {generation + 1} is live')").wait_for(timeout=600_000)
    page.locator("[data-reload]").wait_for(state="detached", timeout=600_000)


def home(page: Any) -> list[str]:
    """The profiles on the page of a case."""
    return page.locator("tr.plain a.code").all_text_contents()


def test_a_steward_decides_applies_sees_the_profile_changed_and_takes_it_back(
    page: Any, address: str, config: Path
) -> None:
    page.goto(f"{address}/?kind=pair")
    by_keyboard_open(page)
    case = page.url
    one, other = home(page)
    assert one != other
    by_keyboard(page, "s")
    assert page.url != case, "the next case comes at once"
    assert "is recorded" in page.text_content(".flash")
    page.goto(f"{address}/decisions?show=pending")
    assert page.locator("tr[data-row]").count() == 1
    applied(page, address)
    page.goto(f"{address}/profiles/{one}")
    merged = page.url, page.text_content("main")
    page.goto(f"{address}/profiles/{other}")
    told = merged[1] + page.text_content("main")
    assert "carried on by" in told, "one of the two ids is the other's alias now"
    page.goto(f"{address}/decisions")
    page.locator("button:has-text('Take back')").first.click()
    page.wait_for_url("**/decisions?done=*")
    applied(page, address)
    for profile in (one, other):
        page.goto(f"{address}/profiles/{profile}")
        assert "carried on by" not in page.text_content("main")
        assert profile in page.text_content("h1")
    log = decision_log.read(open_store(config.parent / "w.state"))
    assert [decision.said.kind.value for decision in log] == ["same", "undo"]


def by_keyboard_open(page: Any) -> None:
    """Open the first case of the list without a mouse."""
    page.keyboard.press("j")
    by_keyboard(page, "Enter")


def test_two_hundred_cases_by_keyboard_without_a_fault(page: Any, address: str) -> None:
    page.goto(f"{address}/?kind=sample")
    by_keyboard_open(page)
    seen = []
    for number in range(200):
        seen.append(page.url.partition("?")[0])
        by_keyboard(page, "snu"[number % 3])
        if "/cases/" not in page.url:
            page.goto(f"{address}/")
            by_keyboard_open(page)
        assert page.locator("h1").count() == 1
        assert "fault" not in page.text_content("body")
    assert len(set(seen)) == 200, "no case came twice"


def test_the_pages_have_no_violations_of_accessibility(running: Any, address: str) -> None:
    axe = Axe()
    found = {}
    for scheme in ("light", "dark"):
        context = running.new_context(viewport={"width": 1366, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{address}/login")
        found[scheme, "login"] = axe.run(page)
        log_in(page, address, "Ada", PASSWORD)
        if page.locator("text=Show values").count():
            by_keyboard(page, "v")
        first = page.locator("table.cases a").first.get_attribute("href")
        for path in ("/", first, "/search", "/decisions", "/runs", "/seen"):
            page.goto(f"{address}{path}")
            page.wait_for_load_state("networkidle")
            found[scheme, path] = axe.run(page)
        page.goto(f"{address}{first}")
        page.locator("tr.plain a.code").first.click()
        page.wait_for_url("**/profiles/*")
        found[scheme, "profile"] = axe.run(page)
        page.keyboard.press("?")
        found[scheme, "keys"] = axe.run(page)
        context.close()
    wrong = {
        where: [
            (violation["id"], [node["html"][:90] for node in violation["nodes"]][:3])
            for violation in told.response["violations"]
        ]
        for where, told in found.items()
        if told.response["violations"]
    }
    assert wrong == {}


def test_everything_works_without_scripts(running: Any, address: str) -> None:
    context = running.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/login")
    page.fill("#name", "Stella")
    page.fill("#password", PASSWORD)
    page.click("button.same")
    page.goto(f"{address}/?kind=pair")
    page.locator("table.cases a").first.click()
    page.click("button[value=unsure]")
    assert "is recorded" in page.text_content(".flash")
    page.click("button:has-text('Take it back')")
    assert "is recorded" in page.text_content(".flash")
    context.close()


def test_the_report_has_no_violations_of_accessibility_and_fits_a_phone(running: Any, config: Path) -> None:
    """Everything unfolded, at two widths and in both schemes; the list of runs and the pages of Great Expectations too."""
    axe, wrong = Axe(), {}
    reports = config.parent / "w.state" / "reports"
    docs = max(reports.glob("data-docs/*/index.html"))
    pages = (reports / "latest.html", reports / "index.html", docs, docs.with_name("golden.consent.html"))
    for scheme, width in (("light", 1366), ("dark", 390)):
        context = running.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
        for path in pages:
            page = context.new_page()
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
            found = axe.run(page).response["violations"]
            if found:
                wrong[scheme, path.name] = [(one["id"], one["nodes"][0]["html"][:90]) for one in found]
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()
        context.close()
    assert wrong == {}
