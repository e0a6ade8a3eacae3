"""Erasing a person: every trace out of what is published, kept and exported, so that nothing brings it back (P17).

The order makes every step repeatable. First the plan: who and what, worked out while everything still stands, kept in
a file of its own. Then tombstones, landed files, generations (the live one first), the server's, run
folders, reports, caches, exports, decisions. Last the proof, and the plan goes. Killed anywhere, the same command (or
the next run) finds the plan and carries on; a file is put in place by a rename, and the log of an
action is written before it.
"""

import html
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from identity.engine import warehouse
from identity.errors import IdentityError
from identity.privacy import decisions, files, generations, landed, person, requests, scan, words
from identity.privacy import plan as plans
from identity.privacy.plan import FileRows, Plan
from identity.privacy.relations import landed_of
from identity.privacy.requests import Action, Request
from identity.privacy.target import Target
from identity.reporting.render import write_index
from identity.runs import lease, lifecycle
from identity.runs.places import generation_files, landed_file
from identity.runs.store import compact, has_store, open_store, store_secret
from identity.runs.store_tables import run_table
from identity.serving import serve
from identity.settings import Settings
from identity.sources import registry

Say = Callable[[str], None]


@dataclass(frozen=True)
class Account:
    """What an erasure did: actions by place and table, tombstones, the proof, and what others have to deal with."""

    request: Request
    actions: tuple[Action, ...]
    tombstones: int
    proof: scan.Scan | None
    delivered: tuple[tuple[Path, str, tuple[tuple[int, int], ...]], ...] = ()


def plan_for(settings: Settings, request_id: str, strategy: str, target: Target) -> Plan:
    """What an erasure would remove; nothing is changed."""
    found = person.plan(settings, request_id, strategy, target)
    return replace(found, files=landed.rows(settings, found))


def erase(settings: Settings, request: Request, target: Callable[[], Target], say: Say = lambda _text: None) -> Account:
    """Carry out a request of type erase, or carry on with it.

    `target` is asked when the work begins, not when it is carried on. Raises AnotherRun when a run holds the lease,
    IdentityError when something of the person is still found at the end: the request stays under way then.
    """
    store, secret = open_store(settings), store_secret(settings.state)
    run_id = f"erasure-{request.request_id}"
    lease.take(store, run_id, lifecycle.ONE_PROCESS, entering=True)
    try:
        with lease.heartbeat(store, run_id, lifecycle.ONE_PROCESS):
            lifecycle.settle(settings)
            chosen = plans.load(settings.state, request.request_id)
            if chosen is None:
                chosen = plan_for(settings, request.request_id, request.strategy, target())
                plans.save(settings.state, chosen)
            requests.mark(store, request.request_id, "running")  # a kill may have come between the plan and this
            return _carry_out(settings, store, secret, request, chosen, say)
    finally:
        lease.release(store, run_id)


def _carry_out(settings: Settings, store: sa.Engine, secret: bytes, request: Request, plan: Plan, say: Say) -> Account:
    delivered = landed.still_delivered(settings, plan.files)
    stones = requests.entomb(store, plan.request_id, landed.stones(plan, secret))
    _end_open_runs(settings, store, plan.request_id)
    for word, step in (
        ("landed files", _landed_files), ("generations", _generations), ("server", _server),
        ("run folders", _run_folders), ("reports and caches", _pages), ("exports", _exports),
    ):  # fmt: skip
        say(word)
        for done in step(settings, secret, plan):
            requests.log(store, plan.request_id, done)
    _clean_store(store, plan)
    say("proof")
    places = scan.files_below(settings.state, settings.state / "privacy")
    exported = (Path(row["path"]) for row in requests.exports(store))
    proof = scan.scan([*places, settings.warehouse, *exported], plan)
    proof = replace(proof, found=(*proof.found, *_on_server(settings, plan)))
    if proof.found:
        named = "\n".join(f"  {path}: {name}: {hits}" for path, name, hits in proof.found[:20])
        raise IdentityError(
            f"request {plan.request_id}: still found in {len(proof.found)} places, so it stays under way\n{named}"
        )
    requests.mark(store, plan.request_id, "done")
    plans.remove(settings.state, plan.request_id)
    request = requests.find(store, plan.request_id)
    return Account(request, tuple(requests.actions(store, plan.request_id)), stones, proof, tuple(delivered))


def _on_server(settings: Settings, plan: Plan) -> list[tuple[str, str, int]]:
    """Tables of the server that hold a text of the person."""
    if settings.server is None:
        return []
    texts = scan.needles(plan)
    pattern = words.pattern(texts)
    found = serve.found(settings, texts, pattern) if pattern is not None else []
    return [(settings.warehouse_name, table, hits) for table, hits in found]


def _end_open_runs(settings: Settings, store: sa.Engine, request_id: str) -> None:
    """Runs that were killed or held: their tables are from before the erasure, so they begin anew."""
    reason = f"its tables were removed by the erasure {request_id}; run again"
    with store.begin() as connection:
        open_runs = run_table.c.status.in_(("running", "held"))
        changed = sa.update(run_table).where(open_runs).values(status="failed", reason=reason, finished_at=lease.now())
        connection.execute(changed)
    for leftover in (
        *(settings.state / "landed").rglob("*.partial"), *(settings.state / "generations").glob(".*"),
        settings.warehouse.with_name(f".{settings.warehouse.name}.partial"),
    ):  # fmt: skip
        leftover.unlink(missing_ok=True)


def _landed_files(settings: Settings, secret: bytes, plan: Plan) -> Iterator[list[Action]]:
    for path in landed.unreferred(settings):
        yield [Action(f"landed/{path.parent.name}/{path.name}", "", "deleted", 1)]
        path.unlink()
    known = registry.by_name(settings)
    told = landed.Words(plan.words, whole=not plan.values)
    for file in plan.files:
        path = landed_file(settings.state, file.source, file.sha256)
        if not path.exists():
            continue
        partial = landed.rewrite(path, file, known.get(file.source), told, secret)
        place = f"landed/{file.source}/{file.sha256}.parquet"
        yield [Action(place, f"raw.{file.source}", word, len(rows)) for word, rows in _by_action(file)]
        partial.replace(path)


def _by_action(file: FileRows) -> list[tuple[str, tuple[int, ...]]]:
    return [("blanked", file.blank), ("unlinked", file.unlink), ("redacted", file.redact)]


def _generations(settings: Settings, secret: bytes, plan: Plan) -> Iterator[list[Action]]:
    """The generation that is live first, so that readers stop seeing the person."""
    tokens, rows = landed.tokens(settings, plan, secret), landed_of(settings.state, plan)
    live = warehouse.published_runs(settings.warehouse)[-1:]
    kept = generation_files(settings.state)[::-1]
    kept.sort(key=lambda path: warehouse.published_runs(path)[-1:] != live)
    is_kept = bool(kept) and warehouse.published_runs(kept[0])[-1:] == live
    for path in kept if is_kept else [settings.warehouse, *kept]:
        partial, done = generations.rewrite(path, plan, tokens, rows, settings.threads)
        yield done
        partial.replace(path)
        if is_kept and path == kept[0]:
            warehouse.switch(path, settings.warehouse)


def _server(settings: Settings, _secret: bytes, _plan: Plan) -> Iterator[list[Action]]:
    """Where the warehouse is a server: the live generation loaded anew, all kept ones gone.

    One can still go back to any generation that is kept here: a rollback publishes its file.
    """
    if settings.server is None:
        return
    kept = serve.kept_generations(settings)
    yield [Action("server/live", "", "replaced", 1), *(Action(f"server/g{n:06d}", "", "deleted", 1) for n in kept)]
    serve.forget(settings, settings.warehouse)


def _run_folders(settings: Settings, secret: bytes, plan: Plan) -> Iterator[list[Action]]:
    """The folder of the last published run is kept for `explain` and `check`; the others are of no use any more."""
    erasing = files.Erasing(
        plan, landed.tokens(settings, plan, secret), landed_of(settings.state, plan), settings.threads
    )
    live = [run_id for _, run_id in warehouse.published_runs(settings.warehouse)[-1:]]
    for folder in sorted(path for path in (settings.state / "runs").glob("*") if path.is_dir()):
        if folder.name not in live:
            yield [Action(f"runs/{folder.name}", "", "deleted", 1)]
            shutil.rmtree(folder)
            continue
        for done, partial, path in files.run_folder(folder, erasing):
            yield done
            partial.replace(path)
        files.manifest(folder)


def _pages(settings: Settings, _secret: bytes, plan: Plan) -> Iterator[list[Action]]:
    """Reports that tell of the person, and whatever else stands in the state folder."""
    folder = settings.state / "reports"
    gone = [path for path in sorted(folder.rglob("*.html")) if files.names_person(_text(path), plan)]
    for path in gone:
        yield [Action(f"reports/{path.relative_to(folder).as_posix()}", "", "deleted", 1)]
        for place in (path, path.with_suffix(".json")):
            place.unlink(missing_ok=True)
    if gone:
        write_index(folder)
    for path in files.caches(settings.state):
        yield [Action(path.name, "", "deleted", 1)]
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _exports(settings: Settings, secret: bytes, plan: Plan) -> Iterator[list[Action]]:
    """What `identity export` and `identity access` wrote, where it still stands."""
    erasing = files.Erasing(
        plan, landed.tokens(settings, plan, secret), landed_of(settings.state, plan), settings.threads
    )
    store = open_store(settings)
    for row in requests.exports(store):
        path = Path(row["path"])
        if not path.is_file():
            requests.forget_export(store, row["path"])
        elif row["mode"] in ("access", "decisions", "report"):
            is_answer, text = row["mode"] == "access", html.unescape(_text(path))
            if files.is_about(json.loads(_text(path)), plan) if is_answer else files.names_person(text, plan):
                yield [Action(row["path"], "", "deleted", 1)]
                path.unlink()
                requests.forget_export(store, row["path"])
        else:
            done, partial = files.export(path, row["table_name"], erasing)
            yield done
            if partial is not None:
                partial.replace(path)


def _redacted(text: str, pattern: "re.Pattern[str] | None") -> str:
    return text if pattern is None else landed.redacted(text, pattern, whole=True) or ""


def _clean_store(store: sa.Engine, plan: Plan) -> None:
    """Words of people in the reasons of requests and runs; a fresh file, since what is deleted stays in its bytes."""
    pattern = words.compiled(plan.words)
    for request in requests.every(store, "open"):
        if request.type != "erase" and request.profile_id in plan.profiles:
            requests.mark(store, request.request_id, "withdrawn")
    decisions.clean(store, plan, lambda text: _redacted(text, pattern))
    compact(store)


def under_way(settings: Settings) -> list[Request]:
    """Erasures that were interrupted, oldest first."""
    if not has_store(settings):
        return []
    return [request for request in requests.every(open_store(settings), "running") if request.type == "erase"]


def carry_on(settings: Settings, say: Say = lambda _text: None) -> list[Account]:
    """Finish the erasures that were interrupted; a run does this before it begins."""
    forget_plans(settings)
    return [erase(settings, request, _gone(request), say) for request in under_way(settings)]


def forget_plans(settings: Settings) -> None:
    """Remove the plans of erasures that are done, which a kill before their last step left behind."""
    if any((settings.state / "privacy").glob("*.json")):
        for request in requests.every(open_store(settings), "done"):
            plans.remove(settings.state, request.request_id)


def _gone(request: Request) -> Callable[[], Target]:
    def ask() -> Target:
        raise IdentityError(f"request {request.request_id}: its plan is missing; give the erasure again")

    return ask


def summed(actions: Iterable[Action]) -> list[Action]:
    """Actions by table over all places of one kind (landed, generations, runs …)."""
    found: dict[tuple[str, str, str], int] = {}
    for action in actions:
        kind = action.place.split("/")[0] if not Path(action.place).is_absolute() else "exports"
        key = (kind, action.table, action.action)
        found[key] = found.get(key, 0) + action.rows
    return [Action(*key, rows) for key, rows in sorted(found.items())]
