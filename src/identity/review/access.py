"""Who asks, and whether he may: sessions, a proxy's header, roles, tokens against forged requests.

Everything is refused that is not allowed (PROMISES.md P21): a route without a role cannot be declared.
"""

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Literal

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from identity.review import accounts
from identity.review.accounts import Account
from identity.settings_groups import ReviewSettings

SESSION = "identity_session"
LOGIN = "identity_login"
Way = Literal["password", "proxy", "other"]
Who = Callable[[Request], Awaitable[str | None]]
"""Answers the name of whoever another application has let in, None for nobody."""


class Gate:
    """Tells who asks. `who` replaces sessions where the application is part of another one."""

    def __init__(self, store: sa.Engine, secret: bytes, settings: ReviewSettings, who: Who | None) -> None:
        self._store = store
        self._secret = secret
        self._settings = settings
        self._who = who
        self.way: Way = "other" if who else "proxy" if settings.proxy_header else "password"

    async def account(self, request: Request) -> Account | None:
        """The account of whoever asks, None for nobody or somebody without one."""
        if self._who is not None:
            name = await self._who(request)
            return accounts.find(self._store, name) if name else None
        if self._settings.proxy_header:
            name = self._of_proxy(request)
            return accounts.find(self._store, name) if name else None
        token = request.cookies.get(SESSION)
        return accounts.of_session(self._store, token) if token else None

    def _of_proxy(self, request: Request) -> str | None:
        """The name in the proxy's header; the header of anybody else is worth nothing."""
        trusted = request.client is not None and request.client.host in self._settings.trusted_addresses
        given = request.headers.getlist(self._settings.proxy_header or "")
        return given[0] if trusted and len(given) == 1 else None

    def token(self, request: Request, account: Account) -> str:
        """The token that the forms of this person's pages carry."""
        session = request.cookies.get(SESSION, "") if self.way == "password" else ""
        return self._keyed("form", account.name, accounts.digest(session))

    def login_token(self, cookie: str) -> str:
        """The token of the login form, which goes with a cookie of its own."""
        return self._keyed("login form", cookie, "")

    def _keyed(self, *parts: str) -> str:
        return hmac.new(self._secret, "\0".join(("review", *parts)).encode(), hashlib.sha256).hexdigest()

    def log_in(self, request: Request, name: str, password: str) -> Account | None:
        """The account of a name and password; see `accounts.logged_in`."""
        address = request.client.host if request.client else ""
        return accounts.logged_in(self._store, self._secret, name, password, address)

    def open(self, request: Request, response: Response, account: Account) -> None:
        """Begin a session and give its cookie."""
        token = accounts.open_session(self._store, account.name, self._settings.session_hours)
        self.cookie(request, response, SESSION, token)

    def cookie(self, request: Request, response: Response, name: str, value: str) -> None:
        """A cookie that scripts cannot read and other sites cannot send."""
        response.set_cookie(
            name,
            value,
            path=request.scope.get("root_path", "") or "/",
            httponly=True,
            samesite="strict",
            secure=self._settings.secure_cookies or request.url.scheme == "https",
        )


def is_forged(request: Request, token: str, expected: str) -> bool:
    """Whether a request that changes something comes from another site, or without our form's token."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = (site is not None and site not in ("same-origin", "none")) or (
        origin is not None and origin.partition("://")[2] != request.headers.get("host")
    )
    return foreign or not hmac.compare_digest(token.encode(), expected.encode())


def new_cookie() -> str:
    """A value nobody can guess."""
    return secrets.token_urlsafe(24)
