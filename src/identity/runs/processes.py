"""Further processes that take their share of the work of one process.

A helper is a fresh interpreter that gets its job by its standard input. Work is taken piece by piece, dearest first:
whoever claims a piece does it, so the shares balance themselves. What a helper cannot do (memory, a killed process) is
left undone, and the process that started it does it itself: nothing depends on helpers.
"""

import contextlib
import logging
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

log = logging.getLogger("identity.processes")

MOST = 4


@contextlib.contextmanager
def claims(parent: Path) -> Iterator[Path]:
    """A folder in which processes claim pieces of work; gone when the work is done."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="claims", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def claimed(folder: Path, names: Iterable[str]) -> Iterator[str]:
    """Those of the pieces that no other process claimed before, in order, each when its turn comes."""
    for number, name in enumerate(names):
        try:
            os.close(os.open(folder / str(number), os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            continue
        yield name


@contextlib.contextmanager
def helpers(module: str, job: object, processes: int) -> Iterator[None]:
    """`processes` interpreters that run `module` with a job beside the body; ends when they have ended.

    Their errors are not shown, because they may hold values: the process meets them itself.
    """
    started = [_start(module, job) for _ in range(processes)]
    try:
        yield
        for helper in started:
            if helper.wait():
                log.warning("a helper ended with code %d; what it left undone is done here", helper.returncode)
    finally:
        for helper in started:
            helper.kill()
            helper.wait()


def _start(module: str, job: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    helper = subprocess.Popen(  # noqa: S603 - this interpreter and a module of ours
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    assert helper.stdin is not None
    with contextlib.suppress(BrokenPipeError), helper.stdin:  # it may have ended before it read its job
        pickle.dump(job, helper.stdin)
    return helper


def job() -> Any:
    """The job of this process, when it is a helper."""
    return pickle.load(sys.stdin.buffer)  # noqa: S301 - our own process writes there
