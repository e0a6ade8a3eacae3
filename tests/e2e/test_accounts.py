"""P1 to P5 over the whole pipeline, on what is published: files, lines, rows, records, money and ids."""

import zipfile
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.support.cli import invoke, people, write_rows

from identity.tables import published as published_tables


@pytest.fixture(scope="module")
def ask(published: Path):
    with duckdb.connect(str(published / "w.duckdb"), read_only=True) as connection:
        yield lambda text, *values: connection.execute(text, list(values)).fetchall()


def delivered(inbox: Path) -> dict[tuple[str, str], bytes]:
    """(path, archive member) to bytes of everything in the inbox."""
    found = {}
    for path in sorted(path for path in inbox.rglob("*") if path.is_file()):
        name = path.relative_to(inbox).as_posix()
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {(name, member): archive.read(member) for member in archive.namelist()}
        else:
            found[name, ""] = path.read_bytes()
    return found


def physical_lines(data: bytes) -> int:
    """An independent count: line ends of any kind, and a last line without one."""
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.count(b"\n") + (not text.endswith(b"\n") and text != b"")


def test_p1_every_file_and_archive_member_has_a_status(ask, inbox: Path) -> None:
    rows = {(path, member): status for path, member, status in ask("select path, member, status from raw.file")}
    assert rows.keys() == delivered(inbox).keys()
    assert set(rows.values()) <= {"landed", "seen", "refused"}


def test_p2_every_line_is_a_header_a_landed_or_a_rejected_one(ask, inbox: Path) -> None:
    files = delivered(inbox)
    for path, member, source, sha256, lines, header_lines, rejected_lines in ask(
        "select path, member, source, sha256, lines, header_lines, rejected_lines from raw.file where status = 'landed'"
    ):
        spans = ask(
            f'select coalesce(sum(_line_to - _line_from + 1), 0)::bigint from raw."{source}" where _sha256 = ?', sha256
        )
        assert lines == physical_lines(files[path, member]), path
        assert header_lines + spans[0][0] + rejected_lines == lines, path


def test_p3_every_row_has_exactly_one_disposition(ask) -> None:
    sources = [name for (name,) in ask("select distinct source from raw.file where status = 'landed' order by 1")]
    landed = " union all ".join(f"select '{name}' as source, _sha256, _row from raw.\"{name}\"" for name in sources)
    unlike = ask(
        f"with landed as ({landed}) select landed.source, _sha256, _row from landed "
        "left join std.row_disposition as fate "
        "on fate.source = landed.source and fate.sha256 = _sha256 and fate.row_number = _row "
        "group by all having count(fate.disposition) <> 1"
    )
    assert unlike == []
    counted = ask(f"select (select count(*) from ({landed})), (select count(*) from std.row_disposition)")[0]
    assert counted[0] == counted[1] > 0
    kinds = {kind for (kind,) in ask("select distinct disposition from std.row_disposition")}
    assert kinds <= {"record", "event", "superseded", "duplicate", "deleted", "rejected"}


def test_p4_every_live_record_is_in_exactly_one_profile(ask) -> None:
    records = ask("select source, source_pk from std.source_record where has_identity order by all")
    homes = ask("select source, source_pk from identity.profile_xref order by all")
    assert records == homes
    assert len(set(homes)) == len(homes)
    active = {profile for (profile,) in ask("select profile_id from identity.profile where status = 'active'")}
    assert active == {profile for (profile,) in ask("select distinct profile_id from identity.profile_xref")}
    assert active == {profile for (profile,) in ask("select profile_id from gold.customer_360")}


def test_p4_sums_of_money_over_profiles_are_the_sums_over_orders(ask) -> None:
    orders = ask("select count(*), sum(gross), sum(net_revenue), sum(total_charged) from std.order")
    assert ask("select count(*), sum(gross), sum(net_revenue), sum(total_charged) from gold.orders") == orders
    assert isinstance(orders[0][1], Decimal)
    by_profile = "select sum(orders), sum(revenue) from gold.customer_360"
    counted = (
        "select count(*), sum(net_revenue) from gold.orders "
        "where profile_id is not null and not coalesce(is_test, false) and currency = 'USD'"
    )
    assert ask(by_profile)[0][1] == ask(counted)[0][1]


def test_p5_every_id_ever_issued_has_one_fate_over_four_generations(tmp_path: Path) -> None:
    """Twenty people; then two pairs turn out to be one person each; then two people leave, and one comes back."""
    header = "id,first,last,mail,phone"
    config = (
        'region = "US"\nthreads = 1\nmemory_limit = "1GB"\n[gate]\nmax_changed_ids = 1\nmax_profile_count_change = 1\n'
        'max_fill_rate_change = 1\n[[sources]]\nname = "people"\nfiles = "in/people*.csv"\nrecord_id = "id"\n'
        'delivery = "full"\n[sources.fields]\ngiven_name = "first"\nfamily_name = "last"\nemail = "mail"\nphone = "phone"\n'
    )
    (tmp_path / "run.toml").write_text(config)
    first = people(20)
    joined = [*first[:18], *((key, *first[n][1:]) for n, (key, *_) in enumerate(first[18:]))]
    issued: set[str] = set()
    for number, rows in enumerate((first, joined, joined[4:], joined[3:]), start=1):
        write_rows(tmp_path / "in" / f"people{number}.csv", header, rows)
        told = invoke(
            "run", "--config", tmp_path / "run.toml", "-w", tmp_path / "w.duckdb", "--as-of", f"2026-07-0{number}"
        )
        assert told.exit_code == 0, told.stderr
        with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
            fates = dict(connection.execute("select profile_id, status from identity.profile").fetchall())
            live = {row[0] for row in connection.execute("select profile_id from identity.profile_xref").fetchall()}
            chains = connection.execute(
                "select old_profile_id, current_profile_id from identity.profile_alias"
            ).fetchall()
        assert issued <= fates.keys(), "an id was forgotten"
        assert {profile for profile, status in fates.items() if status == "active"} == live
        assert set(fates.values()) <= {"active", "merged", "split", "retired", "erased"}
        aliases = dict(chains)
        assert aliases.keys() == {profile for profile, status in fates.items() if status == "merged"}
        assert all(current not in aliases for current in aliases.values()), "an alias leads to an alias"
        issued |= fates.keys()
    assert {status: list(fates.values()).count(status) for status in set(fates.values())} == {
        "active": 17,
        "merged": 2,
        "retired": 1,
    }


def test_a_published_generation_has_every_declared_table_with_its_comment(ask) -> None:
    found = dict(ask("select schema_name || '.' || table_name, comment from duckdb_tables()"))
    assert all(found[table.name].startswith("One row per ") for table in published_tables())


def test_p19_hostile_text_stays_text_from_the_export_to_the_report_and_the_spreadsheet(tmp_path: Path) -> None:
    from tests.support.hostile import HOSTILE

    texts = [text.replace("\x00", "") for text in HOSTILE]
    rows = [
        (f"h{n}", text, f"{text} {n}", f"p{n}@harbor-mail.org", f"(212) 555-{1000 + n * 37}", text)
        for n, text in enumerate(texts)
    ]
    write_rows(tmp_path / "in" / "people.csv", "id,first,last,mail,phone,job", rows)
    config = (
        'region = "US"\nthreads = 1\nmemory_limit = "1GB"\n[[sources]]\nname = "people"\nfiles = "in/people.csv"\n'
        'record_id = "id"\n[sources.fields]\ngiven_name = "first"\nfamily_name = "last"\nemail = "mail"\n'
        'phone = "phone"\naddress = "job"\n[sources.attributes]\njob = "job"\n'
    )
    (tmp_path / "run.toml").write_text(config)
    told = invoke("run", "--config", tmp_path / "run.toml", "-w", tmp_path / "w.duckdb")
    assert told.exit_code == 0, told.stderr
    with duckdb.connect(str(tmp_path / "w.duckdb"), read_only=True) as connection:
        assert connection.execute("select first from raw.people order by _row").fetchall() == [(t,) for t in texts]
    page = (tmp_path / "w.state" / "reports" / "latest.html").read_text(encoding="utf-8")
    for text in ("<script>alert", "onerror=alert", "<svg/onload", "</style><style>*", "javascript:alert"):
        assert text not in page
    for table in ("raw.people", "gold.customer_360", "std.source_record"):
        target = tmp_path / "sheet.csv"
        invoke("export", table, target, "--mode", "spreadsheet", "-w", tmp_path / "w.duckdb")
        with duckdb.connect() as connection:
            cells = connection.execute(f"select * from read_csv('{target}', all_varchar = true, header = true)")
            begun = {str(cell)[0] for row in cells.fetchall() for cell in row if cell}
        assert not begun & set("=+-@|%\t\r"), table
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "run.toml", "sheet.csv", "w.duckdb", "w.state"]
