"""P16: no personal value in logs, errors, metrics, ledger or default reports.

Canary people stand in every source format; each kind of run (clean, with rejected and refused files, stopped by
a critical check, failing inside a stage, held) is looked through afterwards: what was printed and logged, and every file
of the state folder that is not data.
"""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.support.canaries import CANARIES, hits, plant
from tests.support.cli import AS_OF, invoke

from identity import pipeline, settings
from identity.engine.sql import data_folder
from identity.errors import IdentityError
from identity.runs import lifecycle
from identity.runs.run import Run

LATER = "2026-07-02T03:00:00"
# What holds data by design: landed rows, tables between stages, generations.
DATA = {".parquet", ".duckdb", ".npy"}


@pytest.fixture(scope="module")
def canary_inbox(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant(inbox, tmp_path_factory.mktemp("canaries") / "inbox")


@pytest.fixture(autouse=True)
def spoken(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> Iterator[None]:
    """Nothing that a test says on any channel, at the finest level, holds a canary."""
    caplog.set_level(logging.DEBUG)
    yield
    records = [f"{record.getMessage()} {record.exc_text or ''} {record.args!r}" for record in caplog.records]
    assert hits("\n".join([*records, caplog.text, *capfd.readouterr(), *(str(w.message) for w in recwarn.list)])) == []


def run(inbox: Path, folder: Path, *more: object, environment: dict[str, str] | None = None):
    options = ("--inbox", inbox, "--region", "US", "-w", folder / "w.duckdb", "--threads", 1, *more)
    told = invoke("run", *options, environment={"IDENTITY_MEMORY_LIMIT": "1GB", **(environment or {})})
    assert hits(told.output) == []
    return told


def assert_silent(folder: Path) -> None:
    """No canary in any file of the state folder but the data, nor in the warehouse's accounts of operation."""
    looked_at = set()
    for path in sorted(path for path in (folder / "w.state").rglob("*") if path.is_file()):
        if path.suffix in DATA or path.name == "secret.key":
            continue
        looked_at.add(path.suffix)
        assert hits(path.read_bytes()) == [], path.relative_to(folder)
        assert hits(path.name) == []
    assert {".sqlite", ".json", ".html"} <= looked_at
    if (folder / "w.duckdb").exists():
        with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as connection:
            found = connection.execute("select table_name from duckdb_tables() where schema_name = 'ops'").fetchall()
            assert len(found) >= 3
            for (name,) in found:
                assert hits(repr(connection.execute(f"select * from ops.{name}").fetchall())) == [], name
    told = invoke("status", "-w", folder / "w.duckdb"), invoke("status", "-w", folder / "w.duckdb", "--json")
    assert [hits(result.output) for result in told] == [[], []]


def test_p16_the_search_finds_what_it_looks_for() -> None:
    for canary in CANARIES:
        for text in (canary.note, canary.email.upper(), f"+1{canary.needles[7]}", repr({"street": canary.street})):
            assert hits(text)
            assert hits(b"\x00\x01" + text.encode() + b"\x00")
            assert hits(text.encode("utf-16-le"))
    assert hits("r•••@e•••.org, page of generation 1") == []


def test_p16_a_clean_run_says_nothing_of_people(canary_inbox: Path, tmp_path: Path) -> None:
    told = run(canary_inbox, tmp_path, "--as-of", AS_OF)
    assert told.exit_code == 0, told.stderr
    assert_silent(tmp_path)
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:  # the canaries did get in
        systems = "select distinct source from std.source_record where given_name ilike 'zzyxwanda%' order by source"
        landed = {source for (source,) in connection.execute(systems).fetchall()}
        first, second = connection.execute(
            "select min(source || ':' || source_pk), max(source || ':' || source_pk) from std.source_record "
            "where given_name ilike 'zzyxwandaaa%'"
        ).fetchall()[0]
        profile = connection.execute(
            "select profile_id from identity.profile_xref where source || ':' || source_pk = ?", [first]
        ).fetchall()[0][0]
    assert landed == {
        "klaviyo_profile", "mailchimp_member", "salesforce_contact", "salesforce_lead", "shopify_checkout",
        "shopify_customer", "shopify_order", "square_customer", "zendesk_user",
    }  # fmt: skip
    for arguments in ((first, second), (profile,)):
        explained = invoke("explain", *arguments, "-w", tmp_path / "w.duckdb")
        assert explained.exit_code == 0, explained.output
        assert hits(explained.output) == []
        assert hits(invoke("explain", *arguments, "-w", tmp_path / "w.duckdb", "--json").output) == []
    assert hits(invoke("check", "-w", tmp_path / "w.duckdb").output) == []
    assert hits(invoke("check", "-w", tmp_path / "w.duckdb", "--json").output) == []


def test_p16_rejected_rows_and_refused_files_are_told_without_values(canary_inbox: Path, tmp_path: Path) -> None:
    inbox = shutil.copytree(canary_inbox, tmp_path / "inbox")
    customers = (inbox / "shopify" / "customers_export.csv").read_text(encoding="utf-8")
    header, *rows = customers.splitlines()
    last = rows[-1]
    broken = [header, *rows[:3], last + ",one,too,many", last.replace("Zzyx", "Zz\x00yx"), '"' + last]
    (inbox / "shopify" / "customers_broken.csv").write_text("\n".join(broken) + "\n", encoding="utf-8")
    users = (inbox / "zendesk" / "users.ndjson").read_text(encoding="utf-8").splitlines()
    (inbox / "zendesk" / "users_broken.ndjson").write_text("\n".join([users[0], users[-1][:-9], f"[{users[-1]}]", ""]))
    canary = CANARIES[0]
    headerless = f"{canary.given},{canary.family},{canary.email},{canary.phone}\n"
    (inbox / "headerless.csv").write_text(headerless * 3)
    (inbox / "unknown.ndjson").write_text(json.dumps({canary.email: canary.note}) + "\n")
    (inbox / "text.json").write_text(f'{{"email": "{canary.email}", "name": broken {canary.note}')
    (inbox / "cut.parquet").write_bytes(b"PAR1" + canary.note.encode() + b"PAR1")
    told = run(inbox, tmp_path, "--as-of", AS_OF)
    assert told.exit_code == 0, told.stderr
    assert_silent(tmp_path)
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        rules = {rule for (rule,) in connection.execute("select distinct rule from raw.rejected").fetchall()}
        assert {"field_count", "nul_byte", "unclosed_quote", "invalid_json"} <= rules
        assert hits(repr(connection.execute("select raw_text from raw.rejected").fetchall())) != []  # kept for replay
        assert hits(repr(connection.execute("select rule, detail from raw.rejected").fetchall())) == []
        assert hits(repr(connection.execute("select rule, reason from raw.file").fetchall())) == []


def test_p16_an_inbox_of_refused_files_only_is_told_without_values(tmp_path: Path) -> None:
    canary = CANARIES[0]
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "headerless.csv").write_text(f"{canary.given},{canary.email},{canary.phone}\n" * 3)
    assert run(tmp_path / "inbox", tmp_path).exit_code == 5
    state = [path for path in (tmp_path / "w.state").rglob("*") if path.is_file() and path.suffix not in DATA]
    assert [path.name for path in state if hits(path.read_bytes())] == []


def test_p16_a_run_stopped_by_expectations_on_values_shows_none(canary_inbox: Path, tmp_path: Path) -> None:
    expectations = shutil.copytree(data_folder("expectations"), tmp_path / "expectations")
    suite = expectations / "standardised" / "source_record.json"
    described = json.loads(suite.read_text())
    for kind, kwargs in (
        ("expect_column_values_to_be_in_set", {"column": "email_norm", "value_set": ["nobody"]}),
        ("expect_column_values_to_match_regex", {"column": "phone_e164", "regex": "^never$"}),
        ("expect_column_distinct_values_to_be_in_set", {"column": "email_norm", "value_set": ["nobody"]}),
        ("expect_column_most_common_value_to_be_in_set", {"column": "email_norm", "value_set": ["nobody"]}),
        ("expect_column_values_to_be_between", {"column": "phone_e164", "min_value": 1, "max_value": 2}),
    ):
        described["expectations"].append(
            {
                "type": kind,
                "kwargs": kwargs,
                "severity": "critical",
                "meta": {"name": f"seeded_{kind}", "why": "x", "next": "y"},
            }
        )
    suite.write_text(json.dumps(described))
    told = run(canary_inbox, tmp_path, "--as-of", AS_OF, environment={"IDENTITY_EXPECTATIONS": str(expectations)})
    assert told.exit_code == 3, told.stderr
    assert_silent(tmp_path)
    (folder,) = (tmp_path / "w.state" / "runs").iterdir()
    for name in ("ops.quality_result", "ops.run_metric"):
        assert hits(repr(pq.read_table(folder / f"{name}.parquet").to_pylist())) == [], name
    failed = [row for row in pq.read_table(folder / "ops.quality_result.parquet").to_pylist() if not row["success"]]
    assert len(failed) >= 5


def test_p16_a_stage_that_fails_on_a_value_names_the_place_only(canary_inbox: Path, tmp_path: Path) -> None:
    """An amount that is no number makes the engine quote it: enrich fails, as it would on a damaged table."""
    chosen = settings.load(None, {}, inbox=canary_inbox, region="US", warehouse=tmp_path / "w.duckdb", threads=1)
    current = lifecycle.begin(chosen)
    for stage in ("land", "standardise", "link", "resolve", "unify"):
        pipeline.run_stage(current, stage)
    path = current.workspace.files("std.order")[0]
    orders = pq.read_table(path)
    path.unlink()  # what is kept of the source object is the same file under another name
    values = pa.array([CANARIES[0].note] * orders.num_rows)
    pq.write_table(orders.set_column(orders.schema.get_field_index("gross"), "gross", values), path)
    with duckdb.connect() as connection, pytest.raises(duckdb.ConversionException) as quoted:
        connection.execute(f"select gross::decimal(18, 4) from '{path}'").fetchall()
    assert hits(str(quoted.value))
    told = run(canary_inbox, tmp_path)
    assert told.exit_code == 1
    assert "stage enrich of run" in told.stderr
    assert "ConversionException" in told.stderr or "BinderException" in told.stderr
    failure = (current.folder / "failure.txt").read_text(encoding="utf-8")
    assert "in stage enrich" in failure
    assert str(current.folder / "failure.txt") in told.stderr
    for file in (path for path in (tmp_path / "w.state").rglob("*") if path.is_file() and path.suffix not in DATA):
        assert hits(file.read_bytes()) == [], file.name
    assert hits(invoke("status", "-w", tmp_path / "w.duckdb").output) == []


def test_p16_an_unwritable_place_is_told_without_values(canary_inbox: Path, tmp_path: Path) -> None:
    chosen = settings.load(None, {}, inbox=canary_inbox, region="US", warehouse=tmp_path / "w.duckdb", threads=1)
    current = lifecycle.begin(chosen)
    pipeline.run_stage(current, "land")
    current.workspace.path("std.blocked_value").with_suffix(".parquet.partial").mkdir()
    told = run(canary_inbox, tmp_path)
    assert told.exit_code == 1
    assert "stage standardise of run" in told.stderr
    assert (current.folder / "failure.txt").is_file()
    assert hits((current.folder / "failure.txt").read_bytes()) == []


def test_p16_a_held_run_says_nothing_of_people(canary_inbox: Path, tmp_path: Path) -> None:
    inbox = shutil.copytree(canary_inbox, tmp_path / "inbox")
    shutil.rmtree(inbox / "shopify")
    assert run(inbox, tmp_path, "--as-of", AS_OF).exit_code == 0
    shutil.copytree(canary_inbox / "shopify", inbox / "shopify")
    held = run(inbox, tmp_path, "--as-of", LATER)
    assert held.exit_code == 4, held.stderr
    assert_silent(tmp_path)


@pytest.mark.deep
@pytest.mark.timeout(3600)
def test_p16_a_damaged_table_under_any_stage_names_the_place_only(canary_inbox: Path, tmp_path: Path) -> None:
    """Before each stage every table it reads is damaged in turn: a canary's text in its first column of another type."""
    chosen = settings.load(None, {}, inbox=canary_inbox, region="US", warehouse=tmp_path / "w.duckdb", threads=1)
    current = lifecycle.begin(chosen)
    told = [
        message
        for stage in pipeline.STAGES
        for message in (*_with_damaged_tables(current, stage), str(pipeline.run_stage(current, stage.name)))
    ]
    assert len(told) > 20 + len(pipeline.STAGES)
    assert hits("\n".join(told)) == []
    assert hits((current.folder / "failure.txt").read_bytes()) == []
    lifecycle.finish(current, "published")
    assert_silent(tmp_path)


def _with_damaged_tables(current: Run, stage: pipeline.Stage) -> list[str]:
    """What a stage tells when each table it reads is damaged, one after the other; nothing of it stays done."""
    told = []
    for name in stage.reads:
        path = next(iter(current.workspace.files(name)), None)
        kept = path.read_bytes() if path else b""
        if path is None or not _damage(path):
            continue
        try:
            pipeline.run_stage(current, stage.name)
        except IdentityError as error:
            told.append(f"{error} {error.__cause__!r}")
        path.write_bytes(kept)
        for entry in (current.folder / "manifest").glob(f"{stage.name}*.json"):
            entry.unlink()
    return told


def _damage(path: Path) -> bool:
    """Put a canary's words in place of every value of a table's first column that is no text; whether there is one."""
    table = pq.read_table(path)
    for number, column in enumerate(table.schema):
        if table.num_rows and not pa.types.is_string(column.type):
            words = pa.array([CANARIES[0].note] * table.num_rows)
            pq.write_table(table.set_column(number, column.name, words), path)
            return True
    return False
