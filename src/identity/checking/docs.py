"""Great Expectations' own pages of a run (its Data Docs), one for each suite, and a page that lists them.

They stand in `<reports>/data-docs/<run id>/`, linked from the report. They say more of an expectation than our report
and less of the run. As Great Expectations draws them they load styles and scripts from other people's servers: a
policy in the head of each page keeps the browser from doing so, and a style sheet of ours takes their place. Of each
result only numbers are handed on: what was seen may be a value of a person, and so may the text of an error.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from identity.checking.suites import Suite
from identity.runs.workspace import write_atomically

_POLICY = Markup(
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
)
_STYLE = Markup(
    "<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;"
    "padding:1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem "
    ".8rem .4rem 0;border-bottom:1px solid #8886}h1,h2{font-size:1.1rem;line-height:1.25}h1{font-size:1.5rem}"
    "nav,aside,footer,.modal,#navigation,.btn-group,.card{display:none}nav.ours{display:block}"
    ".fa-check-circle::before{content:'held'}.fa-times::before{content:'failed'}"
    "body{background:#fff;color:#1c2228}a{color:#1f5f9e}"
    "@media(prefers-color-scheme:dark){body{background:#14181d;color:#e5e9ed}a{color:#7db4ea}}"
    ".fa-exclamation-triangle::before{content:'broke'}</style>"
)
_LOADED = re.compile(
    r"<script\b.*?</script>|<style\b.*?</style>|<(?:link|img)\b[^>]*>|</?a\b[^>]*>", re.DOTALL | re.IGNORECASE
)


def page_of(suite: Suite, outcome: Any) -> str:
    """The page that Great Expectations draws of a suite's results, without what it would load or run."""
    from great_expectations.render.renderer import ValidationResultsPageRenderer

    told = deepcopy(outcome)
    for result in told.results:
        result.exception_info = _kind_only(result.exception_info)
        result.result = {name: seen for name, seen in result.result.items() if isinstance(seen, int | float)}
    drawn = _view().render(ValidationResultsPageRenderer(run_info_at_end=True).render(told))
    html = re.sub(r"\s*\n\s*", "\n", _LOADED.sub("", drawn)).replace("<html>", '<html lang="en">', 1)
    html = re.sub(r"(</?)h[1-6]\b", r"\1h2", html).replace("</body>", "</main></body>", 1)
    back = Markup('<nav class="ours"><a href="index.html">All suites</a></nav><main><h1>{}</h1>').format(suite.name)
    return _after(_after(html, "head", _POLICY + _STYLE), "body", back)


@cache
def _view() -> Any:
    """Great Expectations' view, one for all pages: each new one compiles all of its templates."""
    from great_expectations.render.view import DefaultJinjaPageView

    return DefaultJinjaPageView()


def _after(html: str, tag: str, more: str) -> str:
    return re.sub(rf"<{tag}\b[^>]*>", lambda found: f"{found[0]}{more}", html, count=1)


def _kind_only(info: Mapping[str, Any]) -> dict[str, Any]:
    """What an error was, without its text."""
    if "raised_exception" not in info:
        return {name: _kind_only(detail) for name, detail in info.items()}
    if not info["raised_exception"]:
        return dict(info)
    return {"raised_exception": True, "exception_message": "the check broke; see the report", "exception_traceback": ""}


def keeping(folder: Path) -> Callable[[Suite, Any], None]:
    """What writes the page of each suite as it is validated, and the list of pages with it."""
    names: list[tuple[str, bool]] = []

    def keep(suite: Suite, outcome: Any) -> None:
        try:
            page = page_of(suite, outcome)
        except Exception as error:  # noqa: BLE001 - a page that cannot be drawn must not end a run
            page = f"Great Expectations could not draw this page ({type(error).__name__}); see the report."
        write_atomically(folder / f"{suite.name}.html", page)
        names.append((suite.name, bool(outcome.success)))
        write_atomically(folder / "index.html", _index(names))

    return keep


def _index(names: list[tuple[str, bool]]) -> str:
    rows = Markup("").join(
        Markup('<tr><th scope="row"><a href="{0}.html">{0}</a></th><td>{1}</td></tr>').format(
            name, "every expectation held" if held else "not all held"
        )
        for name, held in names
    )
    return str(
        Markup(
            '<!doctype html><html lang="en"><head><meta charset="utf-8">{}{}<title>Great Expectations Data Docs</title>'
            "</head><body><main><h1>Great Expectations Data Docs</h1><table><caption>Suites of this run</caption>"
            '<thead><tr><th scope="col">suite</th><th scope="col">result</th></tr></thead><tbody>{}</tbody></table>'
            "</main></body></html>"
        ).format(_POLICY, _STYLE, rows)
    )
