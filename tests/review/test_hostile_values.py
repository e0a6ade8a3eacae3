"""Forty hostile strings in every text of the warehouse and the store: no page runs or builds anything from them (P19)."""

import html.parser
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest

from identity.tables import published as published_tables
from tests.support.office import Office, post, token

HOSTILE = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)", "' onfocus='alert(1)' autofocus='", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>", "<a href=javascript:alert(1)>x</a>",
    "<iframe src=//evil.example></iframe>", "<object data=x>", "<embed src=x>", "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example'</style>", "<form action=//evil.example><input name=token>", "<textarea></textarea><script>1</script>",
    "</textarea><script>alert(1)</script>", "</title><script>alert(1)</script>", "<!--<script>alert(1)</script>-->", "--><script>alert(1)</script>",
    "{{ 7777*7777 }}", "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}", "${7777*7777}", "#{7777*7777}", "<%= 7777*7777 %>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<details open ontoggle=alert(1)>", "<video><source onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "%3Cscript%3Ealert(1)%3C/script%3E", "\u202e<script>alert(1)</script>",
    "<\x00script>alert(1)</script>", "`;alert(1);//",
)  # fmt: skip
# Columns whose words are ours, of a closed set: no text of a source ever stands in them.
OURS = {
    "kind", "why", "item_id", "decisions", "outcome", "stage", "status", "event_type", "rule", "field_group", "stratum", "profile_ids",
    "profile_id", "other_profile_id", "old_profile_id", "current_profile_id", "survivor_profile_id", "parameters", "run_id", "records",
    "touchpoint_id", "event_id", "level", "model_version", "type", "id_type",
}  # fmt: skip
KEYS = {"source_pk", "pk_a", "pk_b", "winning_source_pk", "evidence_source_pk", "person_pk", "order_id", "other_pk"}


@pytest.fixture(scope="module")
def office(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(published, tmp_path_factory.mktemp("office") / "own")
    with duckdb.connect(str(made.settings.warehouse)) as connection:
        connection.execute("set variable words = $1::varchar[]", [list(HOSTILE)]).fetchall()
        for table in published_tables():
            _spoil(connection, table)
    made.app.state.live.close()
    yield made
    made.close()


def _spoil(connection: duckdb.DuckDBPyConnection, table) -> None:
    """Put a hostile string into every text of a table; keys stay equal across tables."""
    changes = []
    for column in table.columns:
        if column.name in KEYS:
            changes.append(
                f"{column.name} = {column.name} || getvariable('words')[1 + (hash({column.name}) % 40)::int]"
            )
        elif column.name == "records" and column.type == "VARCHAR[]":
            changes.append(
                "records = list_transform(records, lambda r: r || getvariable('words')[1 + (hash(split_part(r, ':', 2)) % 40)::int])"
            )
        elif column.type == "VARCHAR" and column.name not in OURS and not column.name.startswith("source"):
            changes.append(f"\"{column.name}\" = getvariable('words')[1 + ((rowid + {len(changes)}) % 40)::int]")
    if changes:
        connection.execute(f"update {table.name} set {', '.join(changes)}").fetchall()


class Elements(html.parser.HTMLParser):
    """The elements of a page with the names of their attributes, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[tuple[str, tuple[str, ...]]] = set()
        self.targets: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.targets |= {
            value or "" for name, value in attrs if name in ("href", "src", "action", "formaction", "data-fragment")
        }


ALLOWED = {
    "a", "b", "body", "br", "button", "caption", "circle", "details", "dialog", "div", "figure", "form", "h1", "h2", "h3", "head", "html",
    "input", "kbd", "label", "li", "line", "link", "main", "meta", "nav", "ol", "option", "p", "rect", "script", "section", "select",
    "span", "summary", "svg", "table", "tbody", "td", "text", "textarea", "th", "thead", "title", "tr", "ul",
}  # fmt: skip


def pages(office: Office) -> list[str]:
    with office.app.state.live.page() as page:
        samples = [name for name in page.generation.by_id if name.startswith("S")]
        profiles = list(page.generation.by_profile)
    cases = [*(f"/cases/{name}" for name in [*office.pairs, *samples[:4]]), "/cases/Rpair/change"]
    return [
        "/",
        "/?state=all",
        *cases,
        "/cases/Rpair/alike",
        *(f"/profiles/{name}" for name in profiles[:6]),
        "/decisions",
        "/runs",
        "/search",
    ]


@pytest.mark.parametrize("shown", [True, False], ids=["values shown", "values masked"])
def test_no_page_builds_anything_from_hostile_words(office: Office, shown: bool) -> None:
    client = office.client("Ada")
    post(client, "/values", shown="yes" if shown else "no")
    form = token(client)
    for number, words in enumerate(HOSTILE if shown else ()):
        client.post("/cases/Rpair/comment", data={"token": form, "text": words})
        said = {"verb": ("same", "unsure")[number % 2], "reason": words, "kind": words, "assignee": words}
        client.post("/cases/Rsecond/decide", data={"token": form, **said})
    seen = 0
    for path in pages(office):
        answer = client.get(path)
        assert answer.status_code == 200, path
        seen += _is_clean(answer.text, path)
    for words in HOSTILE if shown else HOSTILE[:3]:
        _is_clean(client.post("/search", data={"token": form, "q": words}).text, words)
        asked = dict.fromkeys(("kind", "why", "assignee", "priority", "done", "page", "state"), words)
        _is_clean(client.get("/", params=asked).text, words)
        _is_clean(client.get(f"/cases/{quote(words, safe='')}").text, words)
    assert seen > (200 if shown else 10), "the words were not on the pages at all"


def _is_clean(text: str, where: str) -> int:
    """No element but ours, no handler, no link to elsewhere; answers how many escaped marks were seen."""
    found = Elements(text)
    assert {tag for tag, _ in found.elements} <= ALLOWED, where
    names = {name for _, attributes in found.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}, where
    assert all(
        (target.startswith("/") and not target.startswith("//")) or target == "#main" for target in found.targets
    ), where
    assert text.count("<script") == (0 if where.endswith("/change") else 1), where
    assert str(7777 * 7777) not in text, where
    return text.count("&lt;script&gt;alert(1)")
