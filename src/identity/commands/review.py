"""The command of the review application: serve it, or keep its accounts."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from identity.commands.base import Config, Inbox, Region, Warehouse, app, command, guarded, out, settings_of
from identity.commands.decide import PANEL
from identity.errors import ConfigurationError

if TYPE_CHECKING:
    import sqlalchemy as sa

review = typer.Typer(
    invoke_without_command=True, help="The stewards' web application: queue, cases, profiles, decisions."
)
app.add_typer(review, name="review", rich_help_panel=PANEL)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name to log in with; it stands in the decisions.")]


@review.callback()
@guarded
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on; loopback unless a proxy stands before it.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8765,
    config: Config = None,
    inbox: Inbox = None,
    region: Region = None,
    warehouse: Warehouse = None,
) -> None:
    """Serve the stewards' web application until interrupted, or keep its accounts."""
    if context.invoked_subcommand is not None:
        return
    import uvicorn

    from identity.review import accounts
    from identity.review.web import create_app

    settings = settings_of(config, inbox=inbox, region=region, warehouse=warehouse)
    application = create_app(settings)
    if not accounts.everybody(application.state.live.store):
        raise ConfigurationError("nobody has an account yet; `identity review add-user NAME --role admin` adds one")
    out.print(f"http://{host}:{port}/ (end with Ctrl-C)")
    # addresses may hold what somebody looked for, and a proxy's word about the client is not to be believed by default
    uvicorn.run(application, host=host, port=port, access_log=False, proxy_headers=False, server_header=False)


@command(PANEL, "add-user", to=review)
def add_user(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, steward or admin.")] = "steward",
    without_password: Annotated[
        bool, typer.Option("--without-password", help="The person comes through a proxy or Airflow.")
    ] = False,
    config: Config = None,
    warehouse: Warehouse = None,
) -> None:
    """Add an account, or change its role and password; the password is asked for, or read from the standard input."""
    from identity.review import accounts

    try:
        chosen = accounts.Role[role.upper()]
    except KeyError:
        raise ConfigurationError(f"--role {role}: choose viewer, steward or admin") from None
    accounts.add(_store(config, warehouse), name, chosen, None if without_password else _password())
    out.print(f"{name} is {role}", soft_wrap=True)


@command(PANEL, "remove-user", to=review)
def remove_user(name: Name, config: Config = None, warehouse: Warehouse = None) -> None:
    """Remove an account; its sessions end, its decisions stay."""
    from identity.review import accounts

    accounts.remove(_store(config, warehouse), name)
    out.print(f"{name} has no account any more", soft_wrap=True)


@command(PANEL, "users", to=review)
def users(config: Config = None, warehouse: Warehouse = None) -> None:
    """List the accounts."""
    from identity.review import accounts

    for account in accounts.everybody(_store(config, warehouse)):
        out.print(f"{account.name}  {account.role.name.lower()}", soft_wrap=True)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    found: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return found


def _store(config: Path | None, warehouse: str | None) -> "sa.Engine":
    from identity.runs.store import open_store

    return open_store(settings_of(config, warehouse=warehouse))
