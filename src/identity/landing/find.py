"""Which files a delivery holds: everything below the inbox, and what the configuration's patterns name.

Nothing is left out in silence: a hidden file, one still being written, a link out of the folder or a pipe
is found with the rule by which it will be refused.
"""

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from identity.errors import ConfigurationError
from identity.landing.model import Found, printable
from identity.settings import Settings

_IN_PROGRESS = (".partial", ".tmp", ".part", ".crdownload", ".filepart", ".inprogress")


def find(settings: Settings) -> list[Found]:
    """Every file of the delivery, in order of its name; a file reached in two ways is found once.

    Raises ConfigurationError when no inbox and no pattern is given, or the inbox is no folder.
    """
    patterns = [pattern for source in settings.sources for pattern in _patterns(source.files)]
    if settings.inbox is None and not patterns:
        raise ConfigurationError("nothing to read: give --inbox a folder, or `files` to a [[sources]] table")
    found: dict[Path, Found] = {}
    if settings.inbox is not None:
        if not settings.inbox.is_dir():
            raise ConfigurationError(f"inbox {settings.inbox}: no such folder; create it or correct `inbox`")
        for entry in walk(settings.inbox, own=settings):
            found.setdefault(_identity(entry), entry)
    for pattern in patterns:
        for entry in _matching(settings.base_dir, pattern):
            found.setdefault(_identity(entry), entry)
    return sorted(found.values(), key=lambda entry: entry.path)


def _identity(entry: Found) -> Path:
    """The entry itself, by whatever way it was reached; a link is not its target."""
    return entry.place.parent.resolve() / entry.place.name


def find_in(paths: list[Path], settings: Settings) -> list[Found]:
    """The files that are named, and those below the folders that are named; under the delivery's names for them."""
    delivered = {_identity(entry): entry for entry in find(settings)} if _has_delivery(settings) else {}
    found = []
    for path in paths:
        entries = walk(path) if path.is_dir() else [_judge(path, path.name, path.resolve().parent)]
        found += [delivered.get(_identity(entry), entry) for entry in entries]
    return found


def _has_delivery(settings: Settings) -> bool:
    return settings.inbox is not None or any(source.files for source in settings.sources)


def walk(folder: Path, own: Settings | None = None) -> Iterator[Found]:
    """Every entry below a folder that is not itself a plain folder, but for the warehouse and state of `own`."""
    root = folder.resolve()
    state, warehouse = (own.state.resolve(), own.warehouse.resolve()) if own else (None, None)
    for place, folders, files in os.walk(root, followlinks=False):
        here = Path(place)
        folders[:] = sorted(name for name in folders if here / name != state)
        ours = warehouse.name if warehouse is not None and here == warehouse.parent else None
        links = [name for name in folders if (here / name).is_symlink()]
        for name in sorted([*files, *links]):
            if ours is not None and (name == ours or name.startswith(f"{ours}.")):
                continue
            path = here / name
            yield _judge(path, path.relative_to(root).as_posix(), root)


def _patterns(files: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if files is None:
        return ()
    return (files,) if isinstance(files, str) else files


def _matching(base: Path, pattern: str) -> Iterator[Found]:
    fixed = Path(base, *_fixed_parts(pattern)).resolve()
    for name in sorted(glob.glob(pattern, root_dir=base, recursive=True)):  # noqa: PTH207 - takes `..` and roots
        path = base / name
        if path.is_dir() and not path.is_symlink():
            continue
        yield _judge(path, Path(name).as_posix(), fixed)


def _fixed_parts(pattern: str) -> tuple[str, ...]:
    """The folders of a pattern before its first wildcard, without the file's own name."""
    parts: list[str] = []
    for part in Path(pattern).parts[:-1]:
        if glob.has_magic(part):
            break
        parts.append(part)
    return tuple(parts)


def _judge(path: Path, name: str, root: Path) -> Found:
    """The file, or why it cannot be one of the delivery."""
    refused = _problem(path, name, root)
    return Found(printable(name), path, *(refused or ()))


def _problem(path: Path, name: str, root: Path) -> tuple[str, str] | None:
    if path.is_symlink():
        target = path.resolve()
        if path.is_dir() or not target.is_relative_to(root) or not target.exists():
            return "symlink", "a link to a folder, out of the inbox or to nothing; deliver the file itself"
    try:
        mode = path.stat().st_mode
    except OSError:
        return "unreadable", "the file cannot be opened; check its owner and permissions"
    if not stat.S_ISREG(mode):
        return "not_a_file", "a pipe, socket or device; deliver a regular file"
    if _is_hidden(name):
        return "hidden", "hidden files are not read; rename it to have it read"
    if path.name.lower().endswith(_IN_PROGRESS):
        return "in_progress", "the name says it is still being written; rename it when it is whole"
    return None


def _is_hidden(name: str) -> bool:
    parts = [part for part in name.split("/") if part not in {".", ".."}]
    return any(part.startswith((".", "~$")) for part in parts)
