"""Work in a forked child that is killed (SIGKILL, no cleaning up) at one of its lasting steps.

A lasting step is a rename of a file or a commit of the operational store; a child can die before or after it. The
parent has only imported what takes seconds and holds no connection, so that forking is safe and quick.
"""

import importlib
import os
import re
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from identity.checking import validate

KILLED = -signal.SIGKILL
Work = Callable[[], object]
AGAIN = re.compile(r"(g\d{6}-\d{8}T\d{6})-\d+")  # the id of a run that was started over


def import_once() -> None:
    """Import here what takes seconds, so that not every child has to."""
    validate.great_expectations()
    for library in ("pandas", "phonenumbers", "pyarrow.compute", "scipy.stats"):
        importlib.import_module(library)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("great_expectations")


def in_child(work: Work, folder: Path, kill_at: int = 0, *, before: bool = True) -> int:
    """Do it in a child; 0 when it was done, else the signal that ended it. `kill_at` counts steps from 1.

    How many steps there were stands in `folder/steps` afterwards, what went wrong in `folder/error`.
    """
    count = 0

    def at_step(_place: str, done: bool) -> None:
        nonlocal count
        count += not done
        if count == kill_at and done != before:
            _die()

    def counted() -> None:
        work()
        (folder / "steps").write_text(str(count))

    return _forked(counted, at_step, folder)


def chain(work: Work, store: Path, scratch: Path, *, every: int = 1) -> int:
    """Kill the work at every lasting step it has not been killed at yet, and start it again, until it ends.

    Steps are told apart by the file that is put in place, or the function that commits. With `every` only each so
    many-th new one ends it. Returns how often it was killed; raises AssertionError when it fails.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    passed = scratch / "passed"
    passed.write_text("")
    kills = 0
    while True:
        seen = set(passed.read_text().splitlines())
        gap = every if every % 2 else every + (1 if kills % 2 else -1)  # odd, so that before and after take turns
        ended = _forked(work, _at_new_step(store, passed, seen, gap), scratch)
        if ended == 0:
            return kills
        assert ended == KILLED, f"after {kills} kills: {(scratch / 'error').read_text()}"
        assert len(set(passed.read_text().splitlines())) > len(seen)
        kills += 1


def _at_new_step(store: Path, passed: Path, seen: set[str], every: int) -> Callable[[str, bool], None]:
    fresh = 0

    def at_step(place: str, done: bool) -> None:
        nonlocal fresh
        name = f"{'after' if done else 'before'} " + AGAIN.sub(r"\1", place.replace(str(store), ""))
        if name in seen:
            return
        seen.add(name)
        fresh += 1
        with passed.open("a") as stream:
            stream.write(name + "\n")
        if fresh == every:
            _die()

    return at_step


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _forked(work: Work, at_step: Callable[[str, bool], None], folder: Path) -> int:
    child = os.fork()
    if child == 0:
        try:
            _watch(at_step)
            work()
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child must never return into pytest
            (folder / "error").write_text(traceback.format_exc())
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _watch(at_step: Callable[[str, bool], None]) -> None:
    """Tell of every rename and every commit of this process's main thread, before and after it."""

    def watched(step: Callable[..., Any], place: Callable[..., str]) -> Callable[..., Any]:
        def wrapper(*arguments: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                return step(*arguments)  # the heartbeat, whose moments are the clock's
            where = place(*arguments)
            at_step(where, False)
            result = step(*arguments)
            at_step(where, True)
            return result

        return wrapper

    Path.replace = watched(Path.replace, lambda _path, target: str(target))  # type: ignore[method-assign]
    Path.rename = watched(Path.rename, lambda _path, target: str(target))  # type: ignore[method-assign]
    DefaultDialect.do_commit = watched(DefaultDialect.do_commit, lambda *_: _committer())  # type: ignore[method-assign]


def _committer() -> str:
    """The functions of the program on the way to a commit, innermost last."""
    frame, names = sys._getframe(1), []
    while frame is not None:
        if "/src/identity/" in frame.f_code.co_filename:
            names.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
        frame = frame.f_back
    return "commit " + " ".join(reversed(names[:4]))
