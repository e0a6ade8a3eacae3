"""P9 One writer: a lease with heartbeat per run, an OS lock per stage; an expired lease is taken over."""

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from identity.errors import AnotherRun, ExitCode
from identity.runs import lease
from identity.runs.store import open_store
from identity.runs.store_tables import lease_table

MINUTE = timedelta(minutes=1)


def test_second_run_is_told_who_holds_the_lease(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    lease.take(store, "first", MINUTE)
    with pytest.raises(AnotherRun, match=r"run first holds the lease \(process \d+ on ") as caught:
        lease.take(store, "second", MINUTE)
    assert caught.value.exit_code == ExitCode.ANOTHER_RUN == 75


def test_the_same_run_renews_and_keeps_since(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    lease.take(store, "first", MINUTE)
    before = _lease(store)
    lease.take(store, "first", 2 * MINUTE)
    after = _lease(store)
    assert after["since"] == before["since"]
    assert after["expires_at"] > before["expires_at"]


def test_expired_lease_is_taken_over(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    lease.take(store, "first", timedelta(seconds=-1))
    lease.take(store, "second", MINUTE)
    assert _lease(store)["run_id"] == "second"


def test_lease_of_a_killed_process_is_taken_over_at_once(tmp_path: Path) -> None:
    code = (
        "import os, sys; from datetime import timedelta; from pathlib import Path\n"
        "from identity.runs import lease; from identity.runs.store import open_store\n"
        "lease.take(open_store(Path(sys.argv[1])), 'killed', timedelta(minutes=1)); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    store = open_store(tmp_path)
    assert _lease(store)["run_id"] == "killed"
    lease.take(store, "next", MINUTE)
    assert _lease(store)["run_id"] == "next"


def test_a_run_that_a_live_process_is_doing_is_not_resumed_by_another(tmp_path: Path) -> None:
    code = (
        "import sys; from datetime import timedelta; from pathlib import Path\n"
        "from identity.runs import lease; from identity.runs.store import open_store\n"
        "lease.take(open_store(Path(sys.argv[1])), 'one', timedelta(minutes=int(sys.argv[2])))\n"
        "print('taken', flush=True); sys.stdin.read()"
    )
    for minutes, scheduled_enters in ((1, False), (30, True)):
        store = open_store(tmp_path / str(minutes))
        command = [sys.executable, "-c", code, str(tmp_path / str(minutes)), str(minutes)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            holder.stdout.readline()
            with pytest.raises(AnotherRun, match=rf"run one holds the lease \(process {holder.pid} on "):
                lease.take(store, "one", MINUTE, entering=True)
            if scheduled_enters:
                lease.take(store, "one", 30 * MINUTE, entering=True)
            else:
                with pytest.raises(AnotherRun):
                    lease.take(store, "one", 30 * MINUTE, entering=True)
            holder.communicate("")


def test_a_new_store_is_set_up_once_by_processes_that_start_together(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from identity.runs.store import open_store, store_secret\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "open_store(Path(sys.argv[1])); print(store_secret(Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "state")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    starters = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for starter in starters:
        starter.stdout.readline()
    for starter in starters:
        starter.stdin.write("\n")
        starter.stdin.flush()
    told = [starter.communicate() for starter in starters]
    assert [error for _, error in told] == ["", "", "", ""]
    assert len({secret for secret, _ in told}) == 1


def test_releasing_a_lease_taken_over_by_another_changes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    lease.take(store, "mine", MINUTE)
    lease.release(store, "other")
    assert _lease(store)["run_id"] == "mine"
    lease.release(store, "mine")
    with store.connect() as connection:
        assert connection.execute(sa.select(lease_table)).all() == []


def test_heartbeat_renews_while_the_body_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT", 0.01)
    store = open_store(tmp_path)
    with lease.heartbeat(store, "run", MINUTE):
        first = _lease(store)["expires_at"]
        assert any(_lease(store)["expires_at"] > first for _ in range(500))


def test_a_store_that_fails_for_a_moment_does_not_end_the_heartbeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT", 0.01)
    store = open_store(tmp_path)
    with lease.heartbeat(store, "run", MINUTE):
        with store.begin() as connection:
            connection.execute(sa.text("alter table lease rename to away"))
        while "could not be renewed" not in caplog.text:
            pass
        with store.begin() as connection:
            connection.execute(sa.text("alter table away rename to lease"))
        first = _lease(store)["expires_at"]
        assert any(_lease(store)["expires_at"] > first for _ in range(500))


def test_a_body_whose_lease_was_taken_meanwhile_ends_as_another_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT", 0.01)
    store = open_store(tmp_path)

    def body() -> None:
        with lease.heartbeat(store, "run", MINUTE):
            with store.begin() as connection:
                connection.execute(sa.update(lease_table).values(run_id="other"))
            while any(thread.name == "lease-heartbeat" for thread in threading.enumerate()):
                pass

    with pytest.raises(AnotherRun, match="run other holds the lease"):
        body()


def test_a_stage_is_done_by_one_process(tmp_path: Path) -> None:
    with lease.stage_lock(tmp_path, "link"):
        with lease.stage_lock(tmp_path, "unify"):
            pass
        with pytest.raises(AnotherRun, match="stage link"), lease.stage_lock(tmp_path, "link"):
            pass
    with lease.stage_lock(tmp_path, "link"):
        pass


def _lease(store: sa.Engine) -> sa.RowMapping:
    with store.connect() as connection:
        return connection.execute(sa.select(lease_table)).mappings().one()
