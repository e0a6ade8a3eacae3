"""The report's figures are those of the tables, and every one can be traced by the query beneath it."""

import json
import re
import time
from html.parser import HTMLParser

import duckdb
import pytest

from identity.engine.sql import load, quote
from identity.reporting.figures import Reader, chapters
from identity.runs.workspace import StageEntry
from identity.stages.report import READS, report, report_path
from identity.tables import published
from pictures import given, new_run
from support.report_tables import SECONDS, invent, say


class Text(HTMLParser):
    """The words of a page, its links and the heads of its sections."""

    def __init__(self):
        super().__init__()
        self.words, self.ids, self.links, self.tag = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        self.tag = tag
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values["href"]] if "href" in values else []

    def handle_data(self, data):
        if self.tag != "style":
            self.words.append(data)


def read(run):
    report(run)
    page = Text()
    page.feed(report_path(run).read_text(encoding="utf-8"))
    return page


def words_of(run):
    return re.sub(r"\s+", " ", " ".join(read(run).words))


def answers(run, name):
    with run.open(*READS) as db:
        return [tuple(row.values()) for row in Reader(run, db).ask(name).rows]


@pytest.fixture
def small(tmp_path):
    run = new_run(tmp_path)
    given(
        run,
        std_source_record="""
        source | source_pk | system | given_name | family_name | birth_date | postal_code
        crm    | 1         | crm    | Ann        | Lee         | 1980-02-03 | 94107
        shop   | 1         | shop   | Anna       | Lee         | 1980-02-03 | 94107
        shop   | 2         | shop   | Bob        | Ray         |            |
        till   | 1         | till   | Ann        | Lee         |            |
        till   | 2         | till   |            |             |            |
        """,
        std_identifier="""
        source | source_pk | id_type | id_value_norm      | is_blocked
        crm    | 1         | email   | ann@example.com    | false
        shop   | 1         | email   | ann@example.com    | false
        shop   | 2         | phone   | +14155550100       | true
        till   | 1         | email   | ann@example.com    | false
        """,
        std_name="""
        source | source_pk | given_name | family_name
        crm    | 1         | Ann        | Lee
        till   | 1         | Ann        | Lee
        """,
        identity_profile_xref="""
        source | source_pk | profile_id | link_method | linked_since_run
        crm    | 1         | p1         | same_email  | 1
        shop   | 1         | p1         | fuzzy       | 1
        shop   | 2         | p2         | single      | 1
        till   | 1         | p3         | single      | 1
        till   | 2         | p4         | single      | 1
        """,
        prior_profile_xref="""
        source | source_pk | profile_id
        crm    | 1         | p1
        shop   | 1         | p9
        """,
        identity_profile_event="""
        event_id | run_number | event_type  | profile_id | cause
        e1       | 1          | merged_into | p9         | changed_data
        """,
        match_candidate_pair="""
        source_a | pk_a | source_b | pk_b | stage         | rule_id    | match_weight | match_probability | comparison_vector | outcome
        crm      | 1    | shop     | 1    | deterministic | same_email | 14.5         | 0.9999            | 7                 | link
        crm      | 1    | till     | 1    | fuzzy         |            | 2.0          | 0.8               | 3                 | review
        """,
        match_vector="""
        field | level | shift | bits | label    | weight
        name  | 0     | 0     | 2    | missing  | 0
        name  | 3     | 0     | 2    | the same | 8.0
        email | 0     | 2     | 2    | missing  | 0
        email | 1     | 2     | 2    | the same | 9.5
        """,
        match_model="""
        model_version | prior_match_probability | em_iterations | em_converged
        m1            | 0.0009765625            | 5             | true
        """,
    )  # fmt: skip
    return run


def test_the_funnel_counts_records_by_what_they_can_be_resolved_by(small):
    assert answers(small, "funnel") == [
        ("source records", 5),
        ("with something to resolve by", 5),
        ("with a usable e-mail, phone or id", 3),
        ("in a profile of several records", 2),
        ("profiles", 4),
        ("of these, profiles of one record", 3),
    ]


def test_the_overlap_names_each_combination_of_systems_once(small):
    assert answers(small, "overlap") == [(["till"], 2), (["crm", "shop"], 1), (["shop"], 1)]


def test_a_rule_is_credited_with_its_pairs_and_with_the_records_it_holds(small):
    assert answers(small, "rules") == [("fuzzy", 1, 0, 1, 0, 1, 1, 1), ("same_email", 1, 1, 0, 0, 1, 1, 1)]


def test_a_name_and_email_in_two_profiles_is_a_sign_of_too_little_joining(small):
    assert answers(small, "under_merge") == [("name and e-mail", 1, 0, 1, 1.0)]


def test_a_record_in_another_profile_than_before_is_counted_as_moved(small):
    assert answers(small, "moved") == [(2, 1, 2, 4)]
    assert "50.0 % of the known records moved" in words_of(small)
    assert answers(small, "events") == [("merged_into", "changed_data", 1, 1)]


def test_the_waterfall_starts_at_the_prior_and_ends_at_the_match_weight(small):
    with small.open(*READS) as db:
        section = next(s for c in chapters(Reader(small, db)) for s in c.sections if s.id == "examples")
    linked = section.body[0].examples[0]
    assert [(step.label, step.seen, round(step.weight, 1)) for step in linked.steps] == [
        ("before any evidence", "two records at random", -10.0),
        ("name", "the same", 8.0),
        ("email", "the same", 9.5),
        ("rarity and household", "a rare value weighs more, a household’s less", 7.0),
        ("total", "match weight", 14.5),
    ]
    assert [(f.field, f.left, f.right, f.agreement) for f in linked.fields] == [
        ("given name", "A•••", "A•••", "similar"),
        ("surname", "L•••", "L•••", "same"),
        ("birth date", "1980-••-••", "1980-••-••", "same"),
        ("e-mail", "a•••@e•••.com", "a•••@e•••.com", "same"),
        ("postal code", "94•••", "94•••", "same"),
    ]


def test_five_examples_stand_for_every_band_that_has_them(tmp_path):
    run = new_run(tmp_path)
    invent(run, 1500)
    with run.open(*READS) as db:
        section = next(s for c in chapters(Reader(run, db)) for s in c.sections if s.id == "examples")
    assert len(section.body) == 6, "all but links below the threshold, which the invented pairs lack"
    assert all(len(band.examples) == min(5, band.pairs) for band in section.body)


def test_every_query_of_the_page_runs_on_a_published_warehouse(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    with run.open(*READS) as db:
        queries = [q for c in chapters(Reader(run, db)) for s in c.sections for q in s.queries]
    with duckdb.connect() as warehouse:
        for table in published():
            warehouse.execute(f"create schema if not exists {table.schema}")
            columns = ", ".join(f"{quote(column.name)} {column.type}" for column in table.columns)
            warehouse.execute(f"create table {quote(table.name)} ({columns})")
        for query in queries:
            assert "$" not in query.sql.split("\nselect")[-1]
            assert "personal" not in query.sql
            if not re.search(r"\b(prior\.\w+|match\.scored_pair)\b", query.sql):
                warehouse.execute(query.sql).fetchall()


def test_the_header_of_each_query_names_the_tables_it_reads():
    for name in ("funnel", "examples", "over_merge", "moved"):
        reads, writes, grain = load(f"report/{name}").splitlines()[:3]
        assert reads.startswith("-- reads:  ")
        assert writes == "-- writes: nothing"
        assert grain.startswith("-- one row per: ")
        assert set(reads.removeprefix("-- reads:  ").split(", ")) <= set(READS)


@pytest.mark.parametrize(
    ("decided", "published_", "head", "next_step"),
    [
        ("passed", True, "Published", "Every check held"),
        ("passed_with_warnings", True, "Published with warnings", "No critical check failed"),
        ("stopped", False, "Stopped: not published", "Mend the cause"),
        ("held", False, "Held: not published", "a named person has to decide"),
        ("passed", False, "Unfinished: not published", "publishing did not finish"),
    ],
)
def test_the_first_words_say_whether_it_was_published_why_and_what_to_do(
    tmp_path, decided, published_, head, next_step
):
    run = new_run(tmp_path)
    for stage in (stage for stage in SECONDS if published_ or stage != "publish"):
        run.workspace.finish(StageEntry(stage))
    say(run, decided, "golden: 3 records stand in no profile.")
    words = words_of(run)
    start = words[words.index("Identity report, run picture, 2026") :][:1200]
    assert head in start
    assert "golden: 3 records stand in no profile." in start
    assert next_step in start


@pytest.mark.parametrize("stage", [None, "land", "link", "unify", "check", "publish"])
def test_a_run_that_ended_early_still_gets_its_report(tmp_path, stage):
    """After each stage, with the tables that stage and those before it had written."""
    run = new_run(tmp_path)
    schemas = {
        "land": "raw",
        "standardise": "std",
        "link": "match",
        "resolve": "identity",
        "unify": "gold",
        "enrich": "gold",
        "check": "ops",
    }
    done = list(SECONDS)[: list(SECONDS).index(stage) + 1] if stage else []
    written = {schemas.get(name) for name in done}
    written |= ({"mart"} if "enrich" in done else set()) | ({"steward"} if "resolve" in done else set())
    if done:
        invent(
            run, 100, without=tuple(name for name in READS if name.split(".")[0] not in written | {"prior", "privacy"})
        )
        for name in set(SECONDS) - set(done):
            (run.folder / "manifest" / f"{name}.json").unlink()
    words = words_of(run)
    assert ("Not reached: the run ended before this was known." in words) == (stage not in {"check", "publish"})
    assert ("Unfinished: not published" in words) == (stage != "publish")


def test_kpis_stand_in_the_report_with_cohorts_channels_and_a_missing_model(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    with run.open(*READS) as db:
        section = next(s for c in chapters(Reader(run, db)) for s in c.sections if s.id == "kpis")
    figures, cohorts, channels = section.body
    assert figures.rows[0][:3] == ("aov", 101.5, "money per order USD")
    assert cohorts.rows == (("2025 Q1", 100, 0.5, 0.5, 0.25, 0.25, 0.14, 0.14, 0.07, 0.07),)
    assert [(row[0], round(row[3], 2)) for row in channels.rows] == [("direct", 0.67), ("email", 0.33)]
    assert [signal.text for signal in section.signals] == [
        "No model of orders expected (BG/NBD): 80 buyers; 100 are needed."
    ]


def test_latest_is_the_newest_report_and_the_index_lists_all(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    run.workspace.finish(StageEntry("report", seconds=1.0))
    report(run)
    folder = report_path(run).parent
    assert (folder / "latest.html").read_bytes() == report_path(run).read_bytes()
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert 'href="picture.html"' in index
    assert "Published" in index
    assert json.loads((folder / "picture.json").read_text(encoding="utf-8"))["profiles"] == 100
    assert not list(folder.glob("*.partial"))


def test_the_same_tables_give_the_same_page(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    report(run)
    first = report_path(run).read_bytes()
    report(run)
    assert report_path(run).read_bytes() == first


def test_every_link_of_the_page_leads_somewhere_on_it(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    page = read(run)
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if link != "index.html"} <= {f"#{name}" for name in page.ids}


@pytest.mark.deep
def test_a_million_records_are_read_in_seconds(tmp_path):
    run = new_run(tmp_path, threads=2, memory_limit="4GB")
    invent(run, 480_000)
    started = time.process_time()
    report(run)
    assert time.process_time() - started < 20


def test_reviews_estimate_precision_and_say_what_is_lacking_for_recall(tmp_path):
    run = new_run(tmp_path)
    invent(run, 100)
    words = words_of(run)
    told = words[words.index("How good is it? What reviewers say", words.index("weighted by how many pairs") - 200) :][
        :1400
    ]
    assert "87.5 %" in told, "14 of 16 in both kinds of joined pairs"
    assert "too few reviews 10 more reviews needed" in told
    assert "Cohen" in words
