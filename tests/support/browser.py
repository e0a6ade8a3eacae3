"""A headless Chromium and the review application as a server of its own, for tests and for pictures."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str:
    """The path of the browser; `make test-browser` installs one from Debian's packages."""
    found = next((place for name in BROWSERS if (place := shutil.which(name))), None)
    assert found is not None, "no Chromium is installed: `make test-browser` installs it"
    return found


@contextlib.contextmanager
def served(*arguments: object) -> Iterator[str]:
    """`identity review` with these options, until the end; answers its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "identity", "review", "--port", str(port), *(str(word) for word in arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(f"{address}/login", timeout=2):
            return
        time.sleep(0.2)
    raise AssertionError("the server did not start")


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """A running browser of playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()


def log_in(page: Any, address: str, name: str, password: str) -> None:
    """Log in by the form."""
    page.goto(f"{address}/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
