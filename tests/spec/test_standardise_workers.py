"""Source objects done side by side give what one process gives, also where a helper fails."""

import hashlib
import shutil
from pathlib import Path

import pytest
from tests.support.exports import standardised

from identity.runs import processes
from identity.runs.run import Run
from identity.stages.standardise import WRITES, standardise
from identity.standardising import workers
from identity.standardising.making import WAYS


def digests(run: Run) -> dict[str, str]:
    paths = [path for name in WRITES if name.startswith("std.") for path in run.workspace.files(name)]
    return {str(path.relative_to(run.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_helpers_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = standardised(tmp_path, "shopify", "klaviyo", "square")
    expected = digests(alone)
    monkeypatch.setattr(workers, "_WORTH_BYTES", 0)
    run = Run(alone.settings.model_copy(update={"threads": 2}), alone.run_id, 1, alone.as_of, alone.secret)
    for interpreter in (processes.sys.executable, "/bin/false"):  # helpers that work, and such that cannot start
        monkeypatch.setattr(processes.sys, "executable", interpreter)
        shutil.rmtree(run.settings.state / "standardised")
        metrics = standardise(run)
        assert digests(run) == expected
        assert metrics["objects_made"] == sum(metrics[f"objects_{way}"] for way in WAYS)  # whoever made them
        assert list((run.folder / "spill").glob("claims*")) == []


def test_helpers_are_started_where_there_is_work_for_them() -> None:
    large = dict.fromkeys("abc", 20 << 20)
    assert workers.processes_for(large, 2) == 2
    assert workers.processes_for(large, 1) == 1
    assert workers.processes_for({"a": 60 << 20}, 2) == 1
    assert workers.processes_for(dict.fromkeys("abc", 1 << 10), 2) == 1
    assert workers.processes_for({}, 2) == 1


def test_a_piece_of_work_is_claimed_once(tmp_path: Path) -> None:
    with processes.claims(tmp_path) as folder:
        one, other = processes.claimed(folder, ["a", "b", "c"]), processes.claimed(folder, ["a", "b", "c"])
        assert [next(one), next(other), next(one)] == ["a", "b", "c"]
        assert [*one, *other] == []
    assert not folder.exists()
