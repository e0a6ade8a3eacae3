"""Pages as HTML: Jinja2 with escaping always on, no script, no network, one inlined style sheet."""

import json
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from identity.reporting import words
from identity.reporting.charts import bar
from identity.reporting.curves import trend_chart
from identity.reporting.page import Band, Figure, IndexEntry, Page, Study
from identity.runs.workspace import write_atomically

_DRAWN = 60
_TRENDS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("records", "Records", words.count),
    ("profiles", "People (profiles)", words.count),
    ("joined", "Records joined away", words.share),
    ("moved", "Known records that moved", words.share),
    ("waiting", "Cases that wait", words.count),
    ("precision", "Precision (estimate)", words.share),
    ("recall", "Recall (estimate)", words.share),
)


def render(page: Page) -> str:
    """The report as one HTML document."""
    return _environment().get_template("report.html.j2").render(page=page, css=_css())


def render_study(study: Study) -> str:
    """A page about one question as one HTML document."""
    return _environment().get_template("study.html.j2").render(study=study, css=_css())


def render_index(entries: Sequence[IndexEntry]) -> str:
    """The list of runs as one HTML document."""
    return _environment().get_template("index.html.j2").render(entries=entries, trends=_trends(entries), css=_css())


def _trends(entries: Sequence[IndexEntry]) -> list[tuple[str, Markup]]:
    """Figures of the published runs, the oldest first, each as a small chart; none of fewer than two runs."""
    published = [entry for entry in reversed(entries) if entry.word.startswith("Published")][-_DRAWN:]
    found = []
    for name, caption, written in _TRENDS:
        points = [(entry.number, getattr(entry, name)) for entry in published if getattr(entry, name) is not None]
        if len(points) > 1:
            found.append((caption, trend_chart(points, caption, written)))
    return found


def write_index(folder: Path) -> None:
    """Write the list of the runs whose report still stands, newest first, as `index.html` of a folder of reports."""
    entries = [
        IndexEntry(**json.loads(path.read_text(encoding="utf-8")))
        for path in folder.glob("*.json")
        if path.with_suffix(".html").is_file()
    ]
    entries.sort(key=lambda entry: (entry.as_of, entry.number, entry.run_id), reverse=True)
    write_atomically(folder / "index.html", render_index(entries))


def coded(text: str) -> Markup:
    """Words of ours in which `backticks` mark what is typed."""
    parts = str(clean(text)).split("`")
    return Markup("").join(
        Markup('<span class="code">{}</span>').format(part) if number % 2 else part for number, part in enumerate(parts)
    )


def clean(value: Any) -> Any:
    """Text without characters that hide or reorder what stands beside them; None becomes `–`.

    Control, direction-changing, line-separator and unassigned characters become `�`; line breaks and tabs stay.
    """
    if value is None:
        return "–"
    if isinstance(value, str) and not isinstance(value, Markup) and not value.isprintable():
        return "".join(_visible(character) for character in value)
    return value


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    return "�" if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"} else character


def environment(package: str) -> jinja2.Environment:
    """Templates of a package, escaped always, with the filters and charts that every page of ours knows."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("count", "share", "number", "signed", "probability", "change"):
        found.filters[name] = getattr(words, name)
    found.globals["bar"] = bar
    return found


@cache
def _environment() -> jinja2.Environment:
    found = environment("identity.reporting")
    found.filters["coded"] = coded
    found.tests["band"] = lambda block: isinstance(block, Band)
    found.tests["figure"] = lambda block: isinstance(block, Figure)
    return found


@cache
def _css() -> Markup:
    text = files("identity.reporting").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own style sheet
