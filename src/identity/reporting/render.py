"""Pages as HTML: Jinja2 with escaping always on, no script, no network, one inlined style sheet."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from identity.reporting import words
from identity.reporting.charts import bar
from identity.reporting.page import Band, Figure, IndexEntry, Page, Study


def render(page: Page) -> str:
    """The report as one HTML document."""
    return _environment().get_template("report.html.j2").render(page=page, css=_css())


def render_study(study: Study) -> str:
    """A page about one question as one HTML document."""
    return _environment().get_template("study.html.j2").render(study=study, css=_css())


def render_index(entries: Sequence[IndexEntry]) -> str:
    """The list of runs as one HTML document."""
    return _environment().get_template("index.html.j2").render(entries=entries, css=_css())


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


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("identity.reporting", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("count", "share", "number", "signed", "probability", "change"):
        environment.filters[name] = getattr(words, name)
    environment.globals["bar"] = bar
    environment.tests["band"] = lambda block: isinstance(block, Band)
    environment.tests["figure"] = lambda block: isinstance(block, Figure)
    return environment


@cache
def _css() -> Markup:
    text = files("identity.reporting").joinpath("templates", "report.css").read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own style sheet
