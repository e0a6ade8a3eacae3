"""How long pages of the review application take over a warehouse, in one process, one after the other.

    python benchmarks/review_pages.py --config identity.toml [--cases 100] [--keep]

Adds an account of its own to the store and takes it away again. Wall time of the answer as the browser would get it,
without the network; `cpu` is the process's.
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from identity import settings
from identity.review import accounts
from identity.review.web import create_app

NAME, PASSWORD = "benchmark of pages", "only for measuring pages"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=100, help="how many cases and profiles are opened")
    chosen = parser.parse_args()
    app = create_app(settings.load(chosen.config))
    live = app.state.live
    accounts.add(live.store, NAME, accounts.Role.STEWARD, PASSWORD)
    try:
        with TestClient(app, base_url="http://127.0.0.1") as client:
            measure(client, live, chosen.cases)
    finally:
        accounts.remove(live.store, NAME)
    return 0


def measure(client: Any, live: Any, wanted: int) -> None:
    token = re.search(r'name="token" value="(\w+)"', client.get("/login").text)[1]
    started = time.perf_counter(), time.process_time()
    client.post("/login", data={"token": token, "name": NAME, "password": PASSWORD})
    client.get("/")
    wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    print(f"opening the generation: {wall:.2f} s, cpu {cpu:.2f} s")
    with live.page() as page:
        cases = list(page.generation.by_id)
        profiles = list(page.generation.by_profile)
    print(f"{len(cases):,} cases")
    draw = random.Random(7)
    chosen = draw.sample(cases, min(wanted, len(cases)))
    client.get(f"/cases/{chosen[0]}")
    show(
        "queue",
        [lambda n=n: client.get("/", params={"page": n}) for n in range(1, min(wanted, 1 + len(cases) // 40) + 1)],
    )
    show("queue, one kind", [lambda: client.get("/", params={"kind": "sample"})] * 20)
    show("case", [lambda name=name: client.get(f"/cases/{name}") for name in chosen])
    show("case, what would change", [lambda name=name: client.get(f"/cases/{name}/change") for name in chosen[:30]])
    some = draw.sample(profiles, min(wanted, len(profiles)))
    show("profile", [lambda name=name: client.get(f"/profiles/{name}") for name in some])
    token = re.search(r'name="token" value="(\w+)"', client.get("/search").text)[1]
    for words in ("Maria Smith", "smith", "+12125550101", "jane@example.com", "#1005"):
        show(f"search {words}", [lambda words=words: client.post("/search", data={"token": token, "q": words})] * 5)


def show(name: str, requests: list[Callable[[], Any]]) -> None:
    taken, cpu = [], time.process_time()
    for request in requests:
        started = time.perf_counter()
        answer = request()
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, (name, answer.status_code)
    cpu = (time.process_time() - cpu) / len(requests) * 1000
    at = sorted(taken)
    print(
        f"{name:28} {len(taken):4} pages  median {statistics.median(at):6.0f} ms  "
        f"p95 {at[int(len(at) * 0.95) - 1 if len(at) > 1 else 0]:6.0f} ms  worst {at[-1]:6.0f} ms  cpu {cpu:6.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
