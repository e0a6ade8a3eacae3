"""The application: its screens, each with the least role that may open it, and what guards all of them."""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from identity.errors import ConfigurationError, IdentityError
from identity.review import (
    deciding_screens,
    item_screen,
    login_screens,
    profile_screens,
    queue_screens,
    run_screens,
    search_screen,
)
from identity.review.access import Gate, Who, is_forged
from identity.review.accounts import Role
from identity.review.live import Live
from identity.review.visit import NotFound, Show, Visit
from identity.settings import Settings

log = logging.getLogger("identity.review")
Endpoint = Callable[[Request], Awaitable[Response]]
_LARGEST_FORM = 256 << 10
_LOOK_AGAIN = 10.0
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {frame}"
)
_ASSETS = {
    "report.css": ("identity.reporting", "templates", "text/css"),
    "review.css": ("identity.review", "static", "text/css"),
    "review.js": ("identity.review", "static", "text/javascript"),
    "icon.svg": ("identity.review", "static", "image/svg+xml"),
}


@dataclass(frozen=True)
class Screen:
    """A route: who may open it at least, and whether it reads the warehouse. POST changes something, GET never."""

    method: str
    path: str
    show: Show
    role: Role
    reads: bool = True


SCREENS: tuple[Screen, ...] = (
    Screen("GET", "/", queue_screens.queue, Role.VIEWER),
    Screen("GET", "/cases/{item_id}", item_screen.item, Role.VIEWER),
    Screen("GET", "/cases/{item_id}/change", item_screen.change, Role.VIEWER),
    Screen("POST", "/cases/{item_id}/decide", deciding_screens.decide, Role.STEWARD),
    Screen("POST", "/cases/{item_id}/comment", deciding_screens.comment, Role.STEWARD),
    Screen("POST", "/cases/{item_id}/assign", deciding_screens.assign, Role.STEWARD),
    Screen("GET", "/cases/{item_id}/alike", queue_screens.alike, Role.STEWARD),
    Screen("POST", "/cases/{item_id}/alike", deciding_screens.decide_alike, Role.STEWARD),
    Screen("GET", "/profiles/{profile_id}", profile_screens.profile, Role.VIEWER),
    Screen("POST", "/profiles/{profile_id}/decide", profile_screens.decide, Role.STEWARD),
    Screen("GET", "/search", search_screen.empty, Role.VIEWER),
    Screen("POST", "/search", search_screen.search, Role.VIEWER),
    Screen("GET", "/decisions", deciding_screens.decisions, Role.VIEWER),
    Screen("POST", "/decisions/{number}/undo", deciding_screens.undo, Role.STEWARD),
    Screen("POST", "/proposals/{number}", deciding_screens.proposal, Role.STEWARD),
    Screen("POST", "/values", deciding_screens.values, Role.STEWARD, reads=False),
    Screen("GET", "/runs", run_screens.runs, Role.VIEWER, reads=False),
    Screen("GET", "/runs/{run_id}/report", run_screens.report, Role.VIEWER, reads=False),
    Screen("GET", "/runs/{run_id}/data-docs/{docs}/{page}", run_screens.docs, Role.VIEWER, reads=False),
    Screen("POST", "/runs/apply", run_screens.apply, Role.STEWARD, reads=False),
    Screen("POST", "/runs/{run_id}/release", run_screens.release, Role.ADMIN, reads=False),
    Screen("GET", "/seen", run_screens.seen, Role.ADMIN, reads=False),
    Screen("POST", "/logout", login_screens.logout, Role.VIEWER, reads=False),
)


def create_app(settings: Settings, *, who: Who | None = None, framed: bool = False) -> Starlette:
    """The application over the warehouse and the store of `settings`.

    `who` tells who asks where another application has let him in; `framed` lets pages of the same origin frame it.
    """
    live = Live(settings)
    gate = Gate(live.store, live.secret, settings.review, who)
    guarded = partial(_guarded, _headers(framed=framed))

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        following = asyncio.create_task(_follow(live))
        yield
        following.cancel()
        live.close()

    async def nowhere(request: Request) -> Response:
        account = await gate.account(request)
        if account is None:
            return _to_login(request, gate)
        visit = Visit(request, live, account, gate.token(request, account))
        return visit.show("message.html.j2", 404, title="Nothing here", message="There is no such page.")

    routes = [Route(screen.path, guarded(_endpoint(screen, live, gate)), methods=[screen.method]) for screen in SCREENS]
    routes += [Route("/static/{name}", guarded(_asset), methods=["GET"])]
    if gate.way == "password":
        routes += login_screens.routes(live, gate, guarded)
    routes += [Route("/{rest:path}", guarded(nowhere), methods=["GET", "POST"])]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.live = live
    return app


async def _follow(live: Live) -> None:
    """Open what is published before somebody asks for it, and let go of what was replaced, say by an erasure."""
    while True:
        with contextlib.suppress(IdentityError):  # nothing is published yet
            await run_in_threadpool(live.follow)
        await asyncio.sleep(_LOOK_AGAIN)


def _guarded(headers: Mapping[str, str], endpoint: Endpoint) -> Endpoint:
    """The endpoint with the headers that protect; of a fault only its place is told."""

    async def answer(request: Request) -> Response:
        try:
            response = await endpoint(request)
        except Exception as error:  # noqa: BLE001 - its message may quote a value
            log.error("%s at %s", type(error).__name__, _places(error))  # noqa: TRY400
            response = PlainTextResponse("A fault of the program; the log says where.", 500)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return answer


def _endpoint(screen: Screen, live: Live, gate: Gate) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await _answer(screen, request, live, gate)

    return endpoint


async def _answer(screen: Screen, request: Request, live: Live, gate: Gate) -> Response:
    account = await gate.account(request)
    if account is None:
        return _to_login(request, gate)
    visit = Visit(request, live, account, gate.token(request, account))
    if account.role < screen.role:
        words = f"That takes the role {screen.role.name.lower()}; yours is {account.role.name.lower()}."
        return visit.show("message.html.j2", 403, title="Not allowed", message=words)
    if screen.method == "POST":
        form = await form_of(request)
        if form is None or is_forged(request, (form.get("token") or [""])[0], visit.token):
            words = "The form was too old or came from elsewhere. Open the page again."
            return visit.show("message.html.j2", 403, title="Not done", message=words)
        visit = replace(visit, form=form)
    return await run_in_threadpool(_shown, screen, visit)


def _shown(screen: Screen, visit: Visit) -> Response:
    try:
        if not screen.reads:
            return screen.show(visit)
        with visit.live.page() as page:
            return screen.show(replace(visit, opened=page))
    except NotFound as error:
        return visit.show("message.html.j2", 404, title="Nothing here", message=str(error))
    except IdentityError as error:
        status = 400 if isinstance(error, ConfigurationError) else 409
        return visit.show("message.html.j2", status, title="Not done", message=str(error))


async def form_of(request: Request) -> dict[str, list[str]] | None:
    """The fields of a form; None where it is none of ours or too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            return None
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=2000, encoding="utf-8", errors="strict")
    except ValueError:
        return None


def _to_login(request: Request, gate: Gate) -> Response:
    if gate.way != "password":
        return PlainTextResponse("You have no account here. An administrator can add one.", 403)
    root = request.scope.get("root_path", "")
    if request.method != "GET":
        return PlainTextResponse("Log in first.", 401)
    return RedirectResponse(f"{root}/login", 303)


def _places(error: Exception) -> str:
    """Where a fault happened, in our own files."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{frame.filename}:{frame.lineno}" for frame in frames if "identity" in frame.filename]
    return ", ".join(ours[-3:])


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return PlainTextResponse("Nothing here.", 404)
    package, folder, kind = _ASSETS[name]
    text = files(package).joinpath(folder, name).read_text(encoding="utf-8")
    return Response(text, media_type=kind, headers={"Cache-Control": "max-age=600"})


def _headers(*, framed: bool) -> dict[str, str]:
    return {
        "Content-Security-Policy": _POLICY.format(frame="'self'" if framed else "'none'"),
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        "Cache-Control": "no-store",
    }
