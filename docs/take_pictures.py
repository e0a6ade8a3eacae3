"""Pictures of a report as a reader sees it: laptop and phone, light and dark.

    python docs/take_pictures.py demo/identity.state/reports/latest.html docs/pictures

Needs an installed Chromium or Chrome and the development requirements. Each picture shows the first
screen; with `--whole` the whole page, every example and query closed as they are at first.
"""

import argparse
import shutil
import sys
from pathlib import Path

SCREENS = {"laptop": (1366, 900), "phone": (390, 844)}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> int:
    """Take the pictures; 2 when there is no report or no browser."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", type=Path, help="HTML file of a report")
    parser.add_argument("folder", type=Path, help="where the PNG files go")
    parser.add_argument("--whole", action="store_true", help="the whole page instead of the first screen")
    parser.add_argument("--at", default="", help="id of a section to scroll to, e.g. scores")
    chosen = parser.parse_args()
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None or not chosen.report.is_file():
        missing = "no Chromium or Chrome is installed" if browser is None else f"{chosen.report}: no such report"
        sys.stderr.write(missing + "\n")
        return 2
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for name in take(browser, chosen.report, chosen.folder, whole=chosen.whole, at=chosen.at):
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


if __name__ == "__main__":
    sys.exit(main())
