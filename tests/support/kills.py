"""Work in a forked child that is killed (SIGKILL, no cleaning up) at one of its renames.

Every lasting step of every command ends in a rename. The parent has only imported what takes seconds and holds no
connection, so that forking is safe and quick.
"""

import importlib
import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

from identity.checking import validate

KILLED = -signal.SIGKILL

_replace = Path.replace


def import_once() -> None:
    """Import here what takes seconds, so that not every child has to."""
    validate._great_expectations()
    for library in ("pandas", "phonenumbers", "pyarrow.compute", "scipy.stats"):
        importlib.import_module(library)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("great_expectations")


def in_child(work: Callable[[], object], folder: Path, kill_at: int = 0, *, before: bool = True) -> int:
    """Do it in a child; 0 when it was done, else the signal that ended it. `kill_at` counts renames from 1.

    How many renames there were stands in `folder/renames` afterwards, what went wrong in `folder/error`.
    """
    child = os.fork()
    if child == 0:
        count = 0

        def replace(self: Path, target: Path) -> Path:
            nonlocal count
            count += 1
            if count == kill_at and before:
                os.kill(os.getpid(), signal.SIGKILL)
            done = _replace(self, target)
            if count == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        try:
            Path.replace = replace  # type: ignore[method-assign]
            work()
            (folder / "renames").write_text(str(count))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - the child must never return into pytest
            (folder / "error").write_text(repr(error))
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
