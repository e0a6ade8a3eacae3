"""What link, resolve and unify leave in a run's folder for the next run: arrays that are mapped, and words about them.

    <folder>/about.json      what the arrays belong to
    <folder>/<name>.npy

A cache: where it is missing or belongs to something else, everything is worked out again, with the same result. It
stands under its name only when whole. It holds numbers only, but goes with the codes of personal values beside it
(`privacy.files`).
"""

import json
import shutil
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.engine.sql import data_folder

Arrays = Mapping[str, NDArray[Any]]
_DECIDES = ("matching", "standard", "stages", "stewardship")
_ENGINES = ("numpy", "scipy", "rapidfuzz", "pyarrow", "duckdb")


def save(folder: Path, about: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a folder in place of what stood there."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name, values in arrays.items():
        np.save(partial / f"{name}.npy", values, allow_pickle=False)
    (partial / "about.json").write_text(json.dumps({**about, "program": program()}), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)


def load(folder: Path, about: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    """(everything said of the arrays, the arrays) where this program wrote them and all of `about` was said of them."""
    path = folder / "about.json"
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    if any(told.get(name) != value for name, value in {**about, "program": program()}.items()):
        return None
    return told, {path.stem: np.load(path, allow_pickle=False) for path in sorted(folder.glob("*.npy"))}


@cache
def program() -> str:
    """Digest of everything that decides what is linked and unified: what another program kept is not gone on with."""
    digest = sha256(" ".join(version(name) for name in _ENGINES).encode())
    package, sql = Path(__file__).resolve().parents[1], data_folder("sql")
    for folder in (*(package / name for name in _DECIDES), sql / "link", sql / "unify"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".sql", ".csv", ".json", ".txt"}:
                digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
