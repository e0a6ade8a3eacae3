"""P16 and P19 for the report: no personal value on the page, and no text from data becomes code."""

import itertools
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from identity.reporting.masking import (
    mask_birth_date,
    mask_email,
    mask_id,
    mask_identifier,
    mask_phone,
    mask_postal_code,
    mask_word,
    mask_words,
)
from identity.stages.report import report, report_path
from identity.tables import tables
from pictures import new_run
from support.hostile import HOSTILE
from support.report_tables import every_text, invent, say

STEERING = {"outcome", "stage", "status", "severity", "disposition", "origin", "field_group", "event_type", "cause"}


class Structure(HTMLParser):
    """Tags with their attributes' names, attribute values, and the text between."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = Counter(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags[tag, tuple(name for name, _ in attrs)] += 1
        self.attributes += attrs

    def handle_data(self, data):
        self.text.append(data)


def page_of(run):
    report(run)
    html = report_path(run).read_text(encoding="utf-8")
    structure = Structure()
    structure.feed(html)
    return html, structure


def filled(folder, text_of):
    folder.mkdir()
    run = new_run(folder)
    invent(run, 100)
    every_text(run, text_of, rows=len(HOSTILE))
    say(run, "stopped", *(text_of(tables()["raw.file"].columns[0], row) for row in range(5)))
    return run


@pytest.mark.parametrize("kept", [frozenset(), frozenset(STEERING)], ids=["every column", "but the closed sets"])
def test_hostile_text_in_any_column_leaves_the_page_as_it_is(tmp_path, kept):
    def put(texts):
        return lambda column, row: None if column.name in kept else texts[row]

    harmless = [f"word {row:02d} and so on, of some length" for row in range(len(HOSTILE))]
    _, expected = page_of(filled(tmp_path / "harmless", put(harmless)))
    html, found = page_of(filled(tmp_path / "hostile", put(HOSTILE)))

    assert set(found.tags) == set(expected.tags)
    assert not [text for text in HOSTILE if re.search(r"[<>\"']", text) and text in html]
    assert not {tag for tag, _ in found.tags} & {"script", "img", "iframe", "link", "form", "base", "object", "embed"}
    names = {name for name, _ in found.attributes}
    assert not [name for name in names if name.startswith("on")]
    assert not names & {"style", "src", "srcdoc", "action"}
    assert all(re.fullmatch(r"#[\w-]+|index\.html", value) for name, value in found.attributes if name == "href")
    shown = "".join(found.text)
    visible = [text for text in HOSTILE if text.isprintable()]
    assert len([text for text in visible if text in shown]) == len(visible), "hostile text is shown, as text"
    assert "\u202e" not in html
    assert "\x00" not in html
    assert "\x1b" not in html
    assert "\u2028" not in html


def test_no_personal_value_reaches_the_page(tmp_path):
    def canary(column, row):
        return f"Canary{row}@Canarymail{row}.example" if column.personal else None

    folder = tmp_path / "canary"
    folder.mkdir()
    run = new_run(folder)
    invent(run, 100)
    with run.open("std.source_record") as db:
        dates = {
            str(value)
            for (value,) in db.rows("select distinct birth_date from std.source_record where birth_date is not null")
        }
    every_text(run, canary, rows=500)
    report(run)
    for path in (path for path in report_path(run).parent.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8")
        assert "canary" not in text.lower()
        assert not [date for date in dates if date in text]


def test_the_invented_people_do_not_reach_the_page(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    html, _ = page_of(run)
    columns = [c.name for c in tables()["std.source_record"].columns if c.personal and c.type == "VARCHAR"]
    with run.open("std.source_record", "std.identifier", "raw.rejected") as db:
        values = {str(v) for row in db.rows(f"select {', '.join(columns)} from std.source_record") for v in row if v}
        values |= {str(v) for (v,) in db.rows("select id_value_norm from std.identifier")}
    assert len(values) > 300
    words = set(re.findall(r"\w+", html))
    assert not [value for value in values if len(value) > 3 and (value in words or (len(value) > 5 and value in html))]
    assert "secret raw text" not in html


def test_the_page_needs_no_network_and_no_script(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    html, found = page_of(run)
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert ("content", policy) in found.attributes
    assert "<script" not in html
    assert "url(" not in html
    assert "@import" not in html
    assert not re.search(r"https?://", html)


def test_the_page_can_be_read_by_ear(tmp_path):
    """One main, labelled landmarks, headings without gaps, captions and scopes in every table."""
    run = new_run(tmp_path)
    invent(run, 100)
    html, found = page_of(run)
    assert html.count("<main") == 1
    assert html.count("<h1") == 1
    assert '<html lang="en">' in html
    levels = [int(level) for level in re.findall(r"<h([1-6])", html)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert html.count("<table") == html.count("<caption")
    assert not re.findall(r"<th(?! scope=)[ >]", html)
    assert all("aria-label" in attrs or "aria-hidden" in attrs for tag, attrs in found.tags if tag == "svg")


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (mask_email("jane@example.com"), "j•••@e•••.com"),
        (mask_email("jane@mail.example"), "j•••@m•••"),
        (mask_email("not an address"), "•••"),
        (mask_email(""), None),
        (mask_phone("+14155550145"), "•••45"),
        (mask_phone("911"), "•••"),
        (mask_id("ABC-123-XY"), "•••XY"),
        (mask_word("maria"), "M•••"),
        (mask_word("<b>"), "•••"),
        (mask_words("Maria del Mar Lopez"), "M••• D••• M•••"),
        (mask_word("  "), None),
        (mask_postal_code("94107"), "94•••"),
        (mask_postal_code("123"), "•••"),
        (mask_birth_date(None, 1980), "1980-••-••"),
        (mask_birth_date(None), None),
        (mask_identifier("address", "us|94107|oak street"), "•••"),
        (mask_identifier("email", "info@example.com"), "i•••@e•••.com"),
        (mask_identifier("national_id", "078051120"), "•••20"),
    ],
)
def test_a_masked_value_tells_two_apart_but_names_nobody(masked, expected):
    assert masked == expected
