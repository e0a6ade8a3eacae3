"""Logging in and out."""

from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from identity.review import accounts
from identity.review.access import LOGIN, SESSION, Gate, is_forged, new_cookie
from identity.review.live import Live
from identity.review.visit import Visit

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(live: Live, gate: Gate, guarded: Callable[[Endpoint], Endpoint]) -> list[Route]:
    """The login form and what it does."""

    async def form(request: Request) -> Response:
        return _form(request, live, gate, 200, "")

    async def log_in(request: Request) -> Response:
        from identity.review.web import form_of

        given = await form_of(request) or {}
        token, name, password = (given.get(key, [""])[0] for key in ("token", "name", "password"))
        cookie = request.cookies.get(LOGIN, "")
        if not cookie or is_forged(request, token, gate.login_token(cookie)):
            return _form(request, live, gate, 403, "The form was too old. Try again.")
        account = await run_in_threadpool(gate.log_in, request, name, password)
        if account is None:
            words = "That is not right, or there were too many attempts of late: wait a quarter of an hour."
            return _form(request, live, gate, 401, words)
        response: Response = RedirectResponse(f"{request.scope.get('root_path', '')}/", 303)
        gate.open(request, response, account)
        response.delete_cookie(LOGIN)
        return response

    return [
        Route("/login", guarded(form), methods=["GET"]),
        Route("/login", guarded(log_in), methods=["POST"]),
    ]


def _form(request: Request, live: Live, gate: Gate, status: int, problem: str) -> Response:
    cookie = request.cookies.get(LOGIN) or new_cookie()
    visit = Visit(request, live, None, gate.login_token(cookie))
    response = visit.show("login.html.j2", status, problem=problem)
    gate.cookie(request, response, LOGIN, cookie)
    return response


def logout(visit: Visit) -> Response:
    """End the session."""
    token = visit.request.cookies.get(SESSION)
    if token:
        accounts.end_session(visit.live.store, token)
    response = visit.go("login")
    response.delete_cookie(SESSION)
    return response
