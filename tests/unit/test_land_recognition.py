"""What a file is: encodings, delimiters, headers below titles, archives' names, and what `identity sources` shows."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.malformed import SHOPIFY, customers, zipped

from identity.errors import ConfigurationError
from identity.landing.encoding import LineCounter, blocks, survey
from identity.landing.find import find
from identity.landing.inspect import inspect
from identity.landing.model import Refusal, printable
from identity.settings import Settings
from identity.settings_groups import SourceSettings

PEOPLE = SourceSettings(name="people", files="people/*", record_id="id", fields={"email": "mail"})


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b'"']), max_size=30).map(b"".join), st.integers(1, 5))
def test_lines_are_counted_the_same_however_the_bytes_are_cut(data, size):
    counter, wide = LineCounter(), LineCounter(2)
    for at in range(0, len(data), size):
        counter.add(data[at : at + size])
    doubled = data.decode().encode("utf-16-le")
    for at in range(0, len(doubled), size):
        wide.add(doubled[at : at + size])
    plain = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    expected = plain.count(b"\n") + (bool(plain) and not plain.endswith(b"\n"))
    assert counter.count == wide.count == expected


@pytest.mark.parametrize(
    ("data", "declared", "encoding"),
    [
        ("Zoë".encode(), None, "utf-8"),
        (b"\xef\xbb\xbfZoe", None, "utf-8"),
        ("Zoë".encode("latin-1"), None, "cp1252"),
        (b"Zo\xeb \x81", None, "iso8859-1"),
        ("Zoë".encode("latin-1"), "ISO-8859-1", "iso8859-1"),
        ("Zoë".encode(), "ISO-8859-1", "utf-8"),
        ("東京,名前".encode("shift_jis"), "shift_jis", "shift_jis"),
        (("é" * 50).encode() + b"\xff", None, "utf-8"),
        ("id,name\n1,Zoë\n".encode("utf-16-le"), None, "utf-16-le"),
        ("id,name\n1,Zoë\n".encode("utf-16"), None, "utf-16-le"),
    ],
)  # fmt: skip
def test_the_encoding_is_settled_over_the_whole_file(tmp_path, data, declared, encoding):
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    found = survey(path, declared)
    assert found.encoding == encoding
    assert b"".join(blocks(path, found, size=3)).decode("utf-8", "replace").startswith(("Zo", "東京", "é", "id,name"))


def test_an_encoding_in_which_commas_are_other_bytes_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xe9")
    with pytest.raises(Refusal, match="no superset of ASCII"):
        survey(path, "cp037")


def chosen(folder: Path, **values) -> Settings:
    return Settings(inbox=folder, base_dir=folder, **values)


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_sources_are_shown_with_the_columns_and_what_they_feed(tmp_path):
    folder = write(
        tmp_path,
        {"c.csv": b"Title\n\n" + customers(3).replace(b",", b";"), "no.csv": SHOPIFY.replace("Tax", "Tex").encode()},
    )
    first, second = inspect([folder], chosen(folder))
    assert (first.source, first.format, first.delimiter, first.encoding) == ("shopify_customer", "csv", ";", "utf-8")
    assert dict(first.columns)["Email"] == "emails, key"
    assert dict(first.columns)["Note"] is None
    assert second.source is None
    assert second.rule == "unrecognised"
    assert "shopify_customer" in second.reason
    assert "tax exempt" in second.reason


def test_a_configured_source_is_shown_for_a_file_or_folder_that_is_named(tmp_path):
    folder = write(tmp_path, {"people/p.csv": b"id,mail\n1,a@example.com\n"})
    settings_ = Settings(base_dir=folder, sources=(PEOPLE,))
    for paths in ([folder / "people"], [folder / "people" / "p.csv"], [folder], []):
        assert [report.source for report in inspect(paths, settings_)] == ["people"]


def test_headers_are_found_below_titles_and_cleaned(tmp_path):
    header = "\ufeff" + SHOPIFY.replace("Email,", '" Email ",').replace("Tags", "TAGS ,,Note")
    folder = write(tmp_path, {"c.csv": header.encode() + b"\n"})
    (report,) = inspect([folder], chosen(folder))
    assert report.source == "shopify_customer"
    names = [name for name, _ in report.columns]
    assert names[3] == "Email"
    assert names[-3:] == ["TAGS", "column_13", "Note #2"]


def test_a_file_reached_by_inbox_and_pattern_is_found_once(tmp_path):
    folder = write(tmp_path, {"people/p.csv": b"id\n", "x.csv": b"id\n"})
    assert [entry.path for entry in find(chosen(folder, sources=(PEOPLE,)))] == ["people/p.csv", "x.csv"]


def test_a_warehouse_kept_in_the_inbox_is_no_delivery(tmp_path):
    folder = write(
        tmp_path, {"w.duckdb": b"x", "w.duckdb.wal": b"x", "w.state/landed/people/a.parquet": b"x", "c.csv": b"id\n"}
    )
    assert [entry.path for entry in find(chosen(folder, warehouse=folder / "w.duckdb"))] == ["c.csv"]


def test_links_pipes_and_hidden_folders_are_found_with_the_rule_that_refuses_them(tmp_path):
    folder = write(tmp_path / "in", {"a.csv": b"id\n", ".git/x.csv": b"id\n", "~$open.csv": b"id\n"})
    write(tmp_path, {"secret/s.csv": b"id\n"})
    (folder / "link.csv").symlink_to(tmp_path / "secret" / "s.csv")
    (folder / "folder").symlink_to(tmp_path / "secret")
    (folder / "gone.csv").symlink_to(folder / "nothing")
    (folder / "inner.csv").symlink_to(folder / "a.csv")
    os.mkfifo(folder / "pipe.csv")
    rules = {entry.path: entry.rule for entry in find(chosen(folder))}
    assert rules == {
        ".git/x.csv": "hidden", "a.csv": None, "folder": "symlink", "gone.csv": "symlink", "inner.csv": None,
        "link.csv": "symlink", "pipe.csv": "not_a_file", "~$open.csv": "hidden",
    }  # fmt: skip


def test_names_cannot_forge_a_line_of_a_log():
    assert printable("a\nb\x1b[31m\udcff") == "a\\nb\\x1b[31m\\udcff"


def test_an_unknown_encoding_is_refused_by_its_setting(tmp_path):
    folder = write(tmp_path, {"people/p.csv": "id,mail\n1,Zoë\n".encode("latin-1")})
    bad = PEOPLE.model_copy(update={"encoding": "latin-99"})
    with pytest.raises(ConfigurationError, match="latin-99"):
        inspect([], chosen(folder, sources=(bad,)))


def test_every_member_of_an_archive_is_shown(tmp_path):
    folder = write(tmp_path, {"x.zip": zipped({"a/c.csv": customers(2), "b.txt": b"hello"})})
    reports = inspect([folder], chosen(folder))
    assert [(report.member, report.source, report.rule) for report in reports] == [
        ("a/c.csv", "shopify_customer", None),
        ("b.txt", None, "unrecognised"),
    ]
