"""Source objects done side by side give what one process gives, also where a worker fails."""

import hashlib
from pathlib import Path

import pytest
from tests.support.exports import standardised

from identity.runs.run import Run
from identity.stages.standardise import WRITES, standardise
from identity.standardising import workers


def digests(run: Run) -> dict[str, str]:
    paths = {name: run.workspace.path(name) for name in WRITES if name.startswith("std.")}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items()}


def test_workers_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = standardised(tmp_path, "shopify", "klaviyo", "square")
    expected = digests(alone)
    monkeypatch.setattr(workers, "_WORTH_BYTES", 0)
    run = Run(alone.settings.model_copy(update={"threads": 2}), alone.run_id, 1, alone.as_of, alone.secret)
    standardise(run)
    assert digests(run) == expected
    assert list((run.folder / "spill").glob("standardise*")) == []

    monkeypatch.setattr(workers.sys, "executable", "/bin/false")  # workers that cannot start
    standardise(run)
    assert digests(run) == expected


def test_objects_are_shared_out_by_what_they_take() -> None:
    costs = {name: megabytes * 1024 * 1024 for name, megabytes in (("a", 1), ("b", 20), ("c", 12), ("d", 6))}
    assert workers.shares(costs, 2) == [["b"], ["c", "d", "a"]]
    assert workers.shares(costs, 1) == [["b", "c", "d", "a"]]
    assert workers.shares({"a": costs["b"] * 2}, 2) == [["a"]]
    assert workers.shares({}, 2) == [[]]
