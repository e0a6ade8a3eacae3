"""The application as a part of Airflow's web server: Airflow says who somebody is, the account what he may do.

Settings are those of IDENTITY_CONFIG and the other IDENTITY_* variables, read when the first page is asked for.
"""

import os
import threading
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from identity import settings
from identity.errors import IdentityError
from identity.review.web import create_app

PREFIX = "/identity-review"
_lock = threading.Lock()
_made: list[Starlette] = []


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The application, made at the first request, so that loading the plugin opens nothing."""
    if scope["type"] != "http":
        return
    try:
        made = _application()
    except IdentityError as error:
        await PlainTextResponse(f"The review application cannot start: {error}", 503)(scope, receive, send)
        return
    await made(scope, receive, send)


def _application() -> Starlette:
    with _lock:
        if not _made:
            config = os.environ.get("IDENTITY_CONFIG")
            chosen = settings.load(Path(config) if config else None)
            _made.append(create_app(chosen, who=airflow_user, framed=True))
        return _made[0]


async def airflow_user(request: Request) -> str | None:
    """The name of whom Airflow has logged in, by the cookie of its UI or the token of its API."""
    from airflow.api_fastapi.core_api.security import COOKIE_NAME_JWT_TOKEN, resolve_user_from_token
    from fastapi import HTTPException

    kind, _, given = request.headers.get("authorization", "").partition(" ")
    token = given if kind.lower() == "bearer" else request.cookies.get(COOKIE_NAME_JWT_TOKEN)
    try:
        user = await resolve_user_from_token(token)
    except HTTPException:
        return None
    return str(user.get_name())
