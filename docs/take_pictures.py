"""Pictures of a report as a reader sees it: laptop and phone, light and dark. Or of the stewards' application.

    python docs/take_pictures.py demo/identity.state/reports/latest.html docs/pictures
    python docs/take_pictures.py http://127.0.0.1:8765 docs/pictures --name Ada < password.txt

Needs an installed Chromium or Chrome and the development requirements. Each picture shows the first
screen; with `--whole` the whole page, every example and query closed as they are at first. Of the
application (`identity review`, running) the queue, a case, a profile and the runs are taken, with values shown.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

SCREENS = {"laptop": (1366, 900), "phone": (390, 844)}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> int:
    """Take the pictures; 2 when there is no report or no browser."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", help="HTML file of a report, or address of the application")
    parser.add_argument("folder", type=Path, help="where the PNG files go")
    parser.add_argument("--whole", action="store_true", help="the whole page instead of the first screen")
    parser.add_argument("--name", default="Ada", help="who logs in to the application; the password is read from stdin")
    parser.add_argument("--at", default="", help="id of a section to scroll to, e.g. scores")
    chosen = parser.parse_args()
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    served = chosen.report.startswith("http")
    if browser is None or not (served or Path(chosen.report).is_file()):
        missing = "no Chromium or Chrome is installed" if browser is None else f"{chosen.report}: no such report"
        sys.stderr.write(missing + "\n")
        return 2
    chosen.folder.mkdir(parents=True, exist_ok=True)
    if served:
        names = take_review(browser, chosen.report, chosen.folder, chosen.name, sys.stdin.readline().rstrip("\n"))
    else:
        names = take(browser, Path(chosen.report), chosen.folder, whole=chosen.whole, at=chosen.at)
    for name in names:
        sys.stdout.write(f"{name}\n")
    return 0


def take(browser: str, report: Path, folder: Path, *, whole: bool, at: str) -> list[Path]:
    """One PNG per screen and colour scheme."""
    from playwright.sync_api import sync_playwright

    taken = []
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for screen, (width, height) in SCREENS.items():
            for scheme in ("light", "dark"):
                page = running.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
                page.goto(report.resolve().as_uri() + (f"#{at}" if at else ""))
                place = folder / f"report-{screen}-{scheme}{f'-{at}' if at else ''}.png"
                page.screenshot(path=place, full_page=whole)
                taken.append(place)
                page.close()
        running.close()
    return taken


def take_review(browser: str, address: str, folder: Path, name: str, password: str) -> list[Path]:
    """Pictures of the application's main pages."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = running.new_page(viewport={"width": 1366, "height": 900})
        page.goto(f"{address}/login")
        page.fill("#name", name)
        page.fill("#password", password)
        page.click("button.same")
        if page.locator("text=Show values").count():
            page.click("text=Show values")
        taken = [_picture(page, folder, "review-queue", whole=False)]
        page.locator("table.cases a").first.click()
        page.wait_for_load_state("networkidle")
        taken.append(_picture(page, folder, "review-case", whole=True))
        page.locator("tr.plain a.code").first.click()
        page.wait_for_load_state("networkidle")
        taken.append(_picture(page, folder, "review-profile", whole=False))
        page.goto(f"{address}/runs")
        taken.append(_picture(page, folder, "review-runs", whole=False))
        running.close()
    return taken


def _picture(page: Any, folder: Path, name: str, *, whole: bool) -> Path:
    place = folder / f"{name}.png"
    page.screenshot(path=place, full_page=whole)
    return place


if __name__ == "__main__":
    sys.exit(main())
