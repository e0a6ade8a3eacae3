"""One request, as the screens see it: who asks, what for, and how a page or a redirection is answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from identity.errors import IdentityError
from identity.reporting.render import environment
from identity.review import notes
from identity.review.accounts import Account, Role
from identity.review.live import Live, Page


class NotFound(IdentityError):
    """There is nothing of that name."""


@dataclass(frozen=True)
class Visit:
    """What a screen may depend on. `page` is open where the screen reads the warehouse."""

    request: Request
    live: Live
    account: Account | None
    token: str
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    opened: Page | None = None

    @property
    def page(self) -> Page:
        """The warehouse, the queue and the log."""
        assert self.opened is not None, "this screen was declared without the warehouse"
        return self.opened

    @property
    def who(self) -> Account:
        """Who asks."""
        assert self.account is not None, "this screen was declared for everybody"
        return self.account

    @property
    def is_masked(self) -> bool:
        """Whether values are masked: always for viewers, for others until they ask to see them."""
        return self.who.role < Role.STEWARD or not self.who.shows_values

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address."""
        return self.request.query_params

    def given(self, name: str, default: str = "") -> str:
        """One field of the form."""
        values = self.form.get(name)
        return values[0] if values else default

    def part(self, name: str) -> str:
        """One part of the path."""
        return str(self.request.path_params[name])

    def saw(self, page: str, subject: str) -> None:
        """Log that the page shows values in full, if it does."""
        if not self.is_masked:
            notes.saw(self.live.store, self.who.name, page, subject)

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page."""
        text = _environment().get_template(template).render(
            visit=self, url=self.url, Role=Role, here=self.request.url.path, **context
        )  # fmt: skip
        return HTMLResponse(text, status)

    def url(self, *parts: str, **query: Any) -> str:
        """An address of ours; parts are escaped."""
        path = "/".join(quote(str(part), safe="") for part in parts)
        asked = {key: value for key, value in query.items() if value not in (None, "")}
        root = self.request.scope.get("root_path", "")
        return f"{root}/{path}{'?' + urlencode(asked) if asked else ''}"

    def go(self, *parts: str, **query: Any) -> Response:
        """Go on to another page after something was done."""
        return RedirectResponse(self.url(*parts, **query), status_code=303)


Show = Callable[[Visit], Response]


@cache
def _environment() -> jinja2.Environment:
    found = environment("identity.review")
    found.filters["words"] = lambda text: str(text).replace("_", " ")
    return found
