"""A generation that takes raw rows over from the last one equals one that was built from nothing."""

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from tests.support.generations import (
    AS_OF,
    differing,
    pin_secret,
    redeliver,
    settings,
    shuffled,
    small_inbox,
    table_hashes,
)

from identity import pipeline
from identity.engine import generation, renewal
from identity.runs.lifecycle import find
from identity.runs.run import Run
from identity.stages import publish
from identity.stages.publish import contents


def _publish(folder: Path, day: int = 1) -> Run:
    """Run the pipeline over `folder/inbox`; whatever moves may move."""
    pin_secret(folder)
    chosen = settings(folder / "inbox", folder)
    limits = dict.fromkeys(("max_changed_ids", "max_profile_count_change", "max_fill_rate_change"), 1000.0)
    loose = chosen.model_copy(update={"gate": chosen.gate.model_copy(update=limits)})
    return pipeline.run(loose, as_of=AS_OF.replace(day=day))


def _raw_hashes(warehouse: Path) -> dict[str, str]:
    """SHA-256 of the rows and columns of every `raw.<source>` table, ordered by file and row."""
    with duckdb.connect(str(warehouse), read_only=True, config={"threads": "1"}) as connection:
        names = connection.execute(
            "select table_name from duckdb_columns() where schema_name = 'raw' and column_name = '_row' order by all"
        ).fetchall()
        found = {}
        for (name,) in names:
            described = connection.execute(f'describe raw."{name}"').fetchall()
            rows = connection.execute(f'select * from raw."{name}" order by _sha256, _row').fetchall()
            found[name] = hashlib.sha256(repr((described, rows)).encode()).hexdigest()
        return found


@pytest.fixture(scope="module")
def two_deliveries(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run, Run]:
    """A small store, its first run and a second one over more files, half of them rows delivered before."""
    folder = tmp_path_factory.mktemp("renewed")
    small = small_inbox(tmp_path_factory.getbasetemp())
    inbox = shutil.copytree(small, folder / "inbox")
    late = inbox / "shopify"
    shutil.move(late, folder / "late")
    first = _publish(folder)
    shutil.move(folder / "late", late)
    redeliver(small, inbox / "again", shuffled(1))
    return folder, first, _publish(folder, 2)


def _built(run: Run, path: Path) -> Path:
    files, raw = contents(run)
    generation.build(path, files, raw, threads=1)
    return path


@pytest.mark.parametrize("patch_from", [0, 1_000_000])
def test_p12_a_renewed_generation_equals_one_built_anew(
    two_deliveries: tuple[Path, Run, Run], tmp_path: Path, patch_from: int
) -> None:
    folder, _, run = two_deliveries
    base = folder / "w.state" / "generations" / "g000001.duckdb"
    files, raw = contents(run)
    renewed = tmp_path / "renewed.duckdb"
    renewal.renew(renewed, base, files, raw, patch_from=patch_from, threads=2)
    built = _built(run, tmp_path / "built.duckdb")
    assert differing(table_hashes(renewed), table_hashes(built)) == []
    assert differing(_raw_hashes(renewed), _raw_hashes(built)) == []
    assert differing(_raw_hashes(folder / "w.duckdb"), _raw_hashes(built)) == []
    assert differing(table_hashes(folder / "w.duckdb"), table_hashes(built)) == []


def _finish(run: Run, path: Path, begun: set[str]) -> None:
    """Go on with a file that was begun: built where the run is a full one, else renewed."""
    files, raw = contents(run)
    if run.full:
        generation.build(path, files, raw, begun=begun, threads=2)
    else:
        renewal.renew(path, None, files, raw, equal=begun, threads=2)


@pytest.mark.parametrize("full", [True, False])
def test_p12_a_generation_begun_early_equals_one_built_at_once(
    two_deliveries: tuple[Path, Run, Run], tmp_path: Path, full: bool
) -> None:
    run = replace(two_deliveries[2], full=full)
    publish.begin(run)
    begun = publish.take_begun(run, *contents(run), tmp_path / "early.duckdb")
    assert {"std.source_record", "raw.shopify_order"} <= begun
    assert begun.isdisjoint({"gold.customer_360", "ops.run", "raw.file"})
    _finish(run, tmp_path / "early.duckdb", begun)
    built = _built(run, tmp_path / "built.duckdb")
    assert differing(table_hashes(tmp_path / "early.duckdb"), table_hashes(built)) == []
    assert differing(_raw_hashes(tmp_path / "early.duckdb"), _raw_hashes(built)) == []


def test_what_was_begun_from_the_last_generation_is_not_taken_by_a_run_that_builds_all(
    two_deliveries: tuple[Path, Run, Run], tmp_path: Path
) -> None:
    run = two_deliveries[2]
    publish.begin(run)
    assert publish.take_begun(replace(run, full=True), *contents(run), tmp_path / "early.duckdb") == set()


def test_a_generation_begun_for_a_short_while_is_finished(
    two_deliveries: tuple[Path, Run, Run], tmp_path: Path
) -> None:
    _, _, run = two_deliveries
    files, raw = contents(run)
    path, answers = tmp_path / "early.duckdb", iter([True, True, False])
    done = generation.begin(path, {"std.name": files["std.name"]}, raw, wanted=lambda: next(answers))
    assert len(done) == 2
    generation.build(path, files, raw, begun=done, threads=2)
    built = _built(run, tmp_path / "built.duckdb")
    assert differing(table_hashes(path), table_hashes(built)) == []
    assert differing(_raw_hashes(path), _raw_hashes(built)) == []


def test_p12_the_process_that_begins_a_generation_leaves_what_publish_can_use(
    two_deliveries: tuple[Path, Run, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, published = two_deliveries
    run = replace(published, full=True)
    (run.folder / "manifest" / "publish.json").unlink()
    monkeypatch.setattr(publish, "_WORTH_BYTES", 0)
    files, raw = contents(run)
    with publish.begun(run):
        pass
    path = tmp_path / "early.duckdb"
    begun = publish.take_begun(run, files, raw, path)
    assert not list((run.folder / "spill").glob("generation.*"))
    generation.build(path, files, raw, begun=begun, threads=2)
    built = _built(run, tmp_path / "built.duckdb")
    assert differing(table_hashes(path), table_hashes(built)) == []


def test_p17_what_was_begun_of_other_files_is_not_taken(two_deliveries: tuple[Path, Run, Run], tmp_path: Path) -> None:
    _, _, run = two_deliveries
    files, raw = contents(run)
    publish.begin(run)
    os.utime(files["std.name"][0])
    assert publish.take_begun(run, files, raw, tmp_path / "early.duckdb") == set()
    assert not (tmp_path / "early.duckdb").exists()
    assert not list((run.folder / "spill").glob("generation.*"))


def test_a_renewed_generation_grows_by_what_is_new(two_deliveries: tuple[Path, Run, Run]) -> None:
    folder, first, second = two_deliveries
    generations = folder / "w.state" / "generations"
    sizes = [(generations / f"g{run.number:06d}.duckdb").stat().st_size for run in (first, second)]
    assert sizes[1] < 3 * sizes[0]


def test_p17_a_landed_file_that_was_rewritten_takes_nothing_over(
    two_deliveries: tuple[Path, Run, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(two_deliveries[0], tmp_path / "store")
    last = find(settings(folder / "inbox", folder), two_deliveries[2].run_id)
    _, raw = contents(last)
    landed = next(path for rows in raw.values() for path in rows.files.values())
    base = folder / "w.state" / "generations" / "g000002.duckdb"
    os.utime(landed, (base.stat().st_mtime + 60,) * 2)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("raw rows were taken over from a file that may hold an erased person")

    monkeypatch.setattr(renewal, "renew", never)
    assert _publish(folder, 3).number == 3
