"""The steward's commands: what they refuse and why, what they show, and CSV files in and out (P14, P15, P16)."""

import csv
import io
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from tests.support.cli import invoke

BY = ("--by", "Stella", "--reason", "seen on paper")


@pytest.fixture(scope="module")
def desk(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(published, tmp_path_factory.mktemp("desk") / "own")


@pytest.fixture
def own(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "own")


def query(folder: Path, text: str) -> list[tuple]:
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
        return connection.execute(text).fetchall()


def records(folder: Path) -> dict[str, str]:
    """`one` and `other` are records of two profiles, `P` and `Q` those, `mate` another record of P, `phone` has none."""
    large = query(folder, "select profile_id from identity.profile_xref group by all having count(*) > 1 order by 1")
    members = query(
        folder,
        f"select source || ':' || source_pk from identity.profile_xref where profile_id = '{large[0][0]}' order by 1",
    )
    ((other, home),) = query(
        folder,
        "select source || ':' || source_pk, profile_id from identity.profile_xref "
        f"where profile_id <> '{large[0][0]}' order by all limit 1",
    )
    return {"one": members[0][0], "mate": members[1][0], "P": large[0][0], "other": other, "Q": home}


def tell(folder: Path, *arguments: str):
    names = records(folder)
    return invoke(*(text.format(**names) for text in arguments), "-w", folder / "w.duckdb")


WRONG = {
    "unknown record": (["same", "{one}", "crm:none"], "crm:none: no such record in the published warehouse"),
    "unknown profile": (["same", "{one}", "P999"], "P999: no such profile; give an id of identity.profile"),
    "the same record twice": (["same", "{one}", "{one}"], "are the same record; name two"),
    "the same profile twice": (["not-same", "{P}", "{P}"], "are the same profile; name two, or divide"),
    "on both sides": (["not-same", "{one}", "{P}"], "stands on both sides"),
    "a stranger leaves": (["split", "{P}", "{other}"], "not a record of profile"),
    "everybody leaves": (["split", "{P}", "{P}"], "at least one has to stay"),
    "named twice": (["split", "{P}", "{one}", "{one}"], "a record is named twice"),
    "no such field": (["pin", "{one}", "hair"], "hair: no such field; choose one of name, email"),
    "no value to pin": (["pin", "{one}", "email", "--value", "nobody@nowhere-mail.org"], "no email with that value"),
    "no e-mail": (["correct", "{one}", "email", "not an e-mail"], "VALUE: not readable as email"),
    "no date": (["correct", "{one}", "birth_date", "last spring"], "VALUE: not readable as birth_date"),
    "no phone to block": (["block", "phone", "call me"], "VALUE: not readable as phone"),
    "no identifier type": (["block", "e-mail", "x@harbor-mail.org"], "no identifier type"),
    "nothing to replace": (["same", "{one}", "{other}", "--replaces", "D99"], "D99: no such decision"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_decision_is_refused_with_the_next_step(desk: Path, name: str) -> None:
    arguments, message = WRONG[name]
    told = tell(desk, "decide", *arguments, *BY)
    assert told.exit_code == 2, told.output
    assert message in " ".join(told.stderr.split())
    assert json.loads(invoke("decisions", "--json", "-w", desk / "w.duckdb").stdout) == []


@pytest.mark.parametrize("missing", ["--by", "--reason"])
def test_a_decision_needs_who_and_why(desk: Path, missing: str) -> None:
    given = [text for pair in (("--by", "Stella"), ("--reason", "why")) if pair[0] != missing for text in pair]
    assert tell(desk, "decide", "same", "{one}", "{other}", *given).exit_code == 2
    blank = tell(desk, "decide", "same", "{one}", "{other}", *given, missing, "  ")
    assert blank.exit_code == 2
    assert f"{missing}: give 1 to" in blank.stderr


def test_an_unknown_decision_cannot_be_undone(desk: Path) -> None:
    told = tell(desk, "undo", "D7", *BY)
    assert told.exit_code == 2
    assert "D7: no such decision; `identity decisions` lists them" in told.stderr


def test_nothing_is_decided_or_queued_before_the_first_run(tmp_path: Path) -> None:
    for arguments in (["decide", "same", "crm:1", "crm:2", *BY], ["queue"]):
        told = invoke(*arguments, "-w", tmp_path / "w.duckdb")
        assert told.exit_code == 2
        assert "no warehouse there yet; `identity run` publishes one" in told.stderr


def test_p16_values_and_reasons_are_masked_unless_asked_for(own: Path) -> None:
    tell(own, "decide", "correct", "{one}", "email", "canary@harbor-mail.org", *BY)
    tell(own, "decide", "block", "phone", "+1 212 555 0142", *BY)
    shown = (
        invoke("decisions", "-w", own / "w.duckdb").stdout
        + invoke("decisions", "--json", "-w", own / "w.duckdb").stdout
    )
    for canary in ("canary", "5550142", "seen on paper"):
        assert canary not in shown
    open_ = invoke("decisions", "--json", "--unmasked", "-w", own / "w.duckdb").stdout
    assert {"canary@harbor-mail.org", "+12125550142"} <= {row["value"] for row in json.loads(open_)}
    assert "seen on paper" in open_


def test_a_profile_stands_for_its_records_of_today(own: Path) -> None:
    names = records(own)
    told = tell(own, "decide", "not-same", "{P}", "{other}", "--due", "2026-09-01", "--assignee", "Max", *BY)
    assert "D1 recorded (not same)" in told.stdout
    assert "It applies with the next run" in told.stdout
    (row,) = json.loads(invoke("decisions", "--json", "-w", own / "w.duckdb").stdout)
    members = {key for (key,) in query(own, "select source || ':' || source_pk from identity.profile_xref "
                                       f"where profile_id = '{names['P']}'")}  # fmt: skip
    assert sorted(map(set, row["parts"]), key=len) == sorted([members, {names["other"]}], key=len)
    assert (row["state"], row["effect"], row["due"], row["assignee"]) == ("active", "next run", "2026-09-01", "Max")


def test_the_queue_can_be_filtered_and_tells_what_was_decided_since(own: Path) -> None:
    def queue(*options: str) -> list[dict]:
        return json.loads(invoke("queue", "--json", *options, "-w", own / "w.duckdb").stdout)

    published = query(own, "select count(*) from steward.review_item")[0][0]
    assert len(queue("--limit", "999")) == published
    tell(own, "decide", "same", "{one}", "{mate}", *BY)
    told = tell(own, "decide", "not-same", "{mate}", "{one}", *BY)
    assert "D2 contradicts D1: none of them is followed" in told.stderr
    (item,) = queue("--kind", "contradiction")
    assert item["decisions"] == ["D1", "D2"]
    assert invoke("queue", "-w", own / "w.duckdb").exit_code == 0
    assert queue("--assignee", "Nobody") == []


def test_p15_decisions_go_to_another_store_and_come_out_as_the_same_file(own: Path, tmp_path: Path) -> None:
    tell(own, "decide", "same", "{one}", "{other}", "--by", "=cmd()", "--reason", "+1, \"quoted\"\nand 'more'")
    tell(own, "decide", "correct", "{one}", "phone", "+1 212 555 0142", *BY)
    tell(own, "undo", "D1", *BY)
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    invoke("decisions", "--export", first, "-w", own / "w.duckdb")
    for cells in csv.reader(io.StringIO(first.read_text(), newline="")):
        assert not any(cell[:1] in tuple("=+-@|%\t\r\n") for cell in cells if cell)
    for name in ("store.sqlite", "secret.key"):
        (own / "w.state" / name).unlink()
    assert "3 decisions added, 0 known" in invoke("decisions", "--import", first, "-w", own / "w.duckdb").stdout
    invoke("decisions", "--export", second, "-w", own / "w.duckdb")
    assert second.read_bytes() == first.read_bytes()
    assert "0 decisions added, 3 known" in invoke("decisions", "--import", first, "-w", own / "w.duckdb").stdout
    assert "the log is whole: 3 decisions" in invoke("decisions", "--verify", "-w", own / "w.duckdb").stdout


def test_p15_bad_rows_are_named_by_line_and_nothing_is_imported(own: Path, tmp_path: Path) -> None:
    names = records(own)
    target = tmp_path / "batch.csv"
    rows = [
        ["kind", "decided_by", "reason", "records_1", "records_2", "undoes", "at"],
        ["same", "Max", "ok", names["one"], names["other"], "", ""],
        ["equal", "Max", "no kind", names["one"], names["other"], "", ""],
        ["same", "", "nobody", names["one"], names["other"], "", ""],
        ["same", "Max", "unknown", names["one"], "crm:none", "", ""],
        ["same", "Max", "two\nlines", names["one"], "", "", ""],
        ["undo", "Max", "of what", "", "", "D4", ""],
        ["same", "Max", "when", names["one"], names["other"], "", "yesterday"],
    ]
    with target.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    told = invoke("decisions", "--import", target, "-w", own / "w.duckdb")
    assert told.exit_code == 2
    assert "nothing was imported" in told.stderr
    for line in ("line 3: kind is none of", "line 4: decided_by", "line 6: records_1 and records_2", "line 9: at is"):
        assert line in told.stderr
    assert json.loads(invoke("decisions", "--json", "-w", own / "w.duckdb").stdout) == []
    with target.open("w", newline="") as stream:
        csv.writer(stream).writerows([rows[0], rows[1], rows[4], rows[6]])
    told = invoke("decisions", "--import", target, "-w", own / "w.duckdb").stderr
    assert "line 3: a record is not in the published warehouse" in told
    assert "line 4: undoes or supersedes a decision that is not in the file" in told
    with target.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows[:2])
    assert "1 decisions added" in invoke("decisions", "--import", target, "-w", own / "w.duckdb").stdout


def test_p15_a_changed_log_ends_with_exit_code_1_and_says_where(own: Path) -> None:
    import sqlite3

    tell(own, "decide", "same", "{one}", "{other}", *BY)
    with sqlite3.connect(own / "w.state" / "store.sqlite") as connection:
        connection.execute("drop trigger decision_update")
        connection.execute("update decision set decided_by = 'Eve'")
    connection.close()
    told = invoke("decisions", "--verify", "-w", own / "w.duckdb")
    assert told.exit_code == 1
    assert "the log was changed" in told.stdout
    assert "D1: its content is not what its hash was made of" in told.stdout
